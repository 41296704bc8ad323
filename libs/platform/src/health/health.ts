/** Throws, or rejects, when the service cannot do its work; the message is the reason shown. */
export type Probe = () => Promise<void> | void;

export interface CheckResult {
  readonly name: string;
  readonly ready: boolean;
  readonly reason?: string;
}

export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: readonly CheckResult[];
}

export interface HealthOptions {
  /** A probe that takes longer counts as failed. */
  readonly probeTimeoutMs?: number;
  /** Answers within this time come from the last round, whatever the number of askers. */
  readonly cacheMs?: number;
  readonly now?: () => number;
}

/** What the service can say about itself: alive, and ready to take work. */
export class Health {
  readonly #probes = new Map<string, Probe>();
  readonly #probeTimeoutMs: number;
  readonly #cacheMs: number;
  readonly #now: () => number;
  #notReady: string | undefined = 'starting';
  #wedged: string | undefined;
  #round: { readonly at: number; readonly checks: Promise<readonly CheckResult[]> } | undefined;

  constructor(options: HealthOptions = {}) {
    this.#probeTimeoutMs = options.probeTimeoutMs ?? 2_000;
    this.#cacheMs = options.cacheMs ?? 1_000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Adds something the service needs; returns how to remove it again. */
  addReadiness(name: string, probe: Probe): () => void {
    if (this.#probes.has(name)) throw new Error(`A readiness probe named ${name} exists already`);
    this.#probes.set(name, probe);
    this.#round = undefined;
    return () => {
      this.#probes.delete(name);
      this.#round = undefined;
    };
  }

  /** The service's own word, stronger than every probe: a reason while it starts or drains, nothing when open. */
  setNotReady(reason: string | undefined): void {
    this.#notReady = reason;
  }

  /** Nothing but a new process will help: liveness fails from here on. */
  reportWedged(reason: string): void {
    this.#wedged ??= reason;
  }

  get wedged(): string | undefined {
    return this.#wedged;
  }

  async readiness(): Promise<ReadinessReport> {
    const checks = await this.#checks();
    const own: CheckResult =
      this.#notReady === undefined
        ? { name: 'service', ready: true }
        : { name: 'service', ready: false, reason: this.#notReady };
    return { ready: own.ready && checks.every(({ ready }) => ready), checks: [own, ...checks] };
  }

  #checks(): Promise<readonly CheckResult[]> {
    const now = this.#now();
    if (this.#round === undefined || now - this.#round.at >= this.#cacheMs) {
      const checks = Promise.all([...this.#probes].map(([name, probe]) => this.#check(name, probe)));
      this.#round = { at: now, checks };
    }
    return this.#round.checks;
  }

  async #check(name: string, probe: Probe): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${this.#probeTimeoutMs} ms`)),
        this.#probeTimeoutMs,
      );
      timer.unref();
    });
    try {
      await Promise.race([(async () => probe())(), late]);
      return { name, ready: true };
    } catch (error) {
      return { name, ready: false, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
