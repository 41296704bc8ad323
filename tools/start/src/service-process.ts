import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from './backoff.js';
import { LogFile } from './log-file.js';

export interface ServiceLaunch {
  readonly name: string;
  readonly root: string;
  readonly logs: string;
  readonly opsPort: number;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** What happens to a service after it was first started, for the person who watches. */
export type Report = (line: string) => void;

const PROBE_EVERY_MS = 150;
/** Longer than a service's own drain budget. */
const STOP_LIMIT_MS = 40_000;
const KEPT_OUTPUT = 4096;

/**
 * One service as a process of its own: started, watched, started again with back-off when it crashes,
 * stopped with SIGTERM. The IPC channel tells the service when this launcher is gone.
 */
export class ServiceProcess {
  readonly name: string;
  readonly #launch: ServiceLaunch;
  readonly #report: Report;
  readonly #log: LogFile;
  readonly #backoff = new Backoff();
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #output = '';
  #exited = Promise.resolve();

  constructor(launch: ServiceLaunch, report: Report) {
    this.name = launch.name;
    this.#launch = launch;
    this.#report = report;
    this.#log = new LogFile(join(launch.logs, `${launch.name}.log`));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { root, name, env, opsPort } = this.#launch;
    const started = performance.now();
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', '--import', '@trivium/telemetry/register', 'dist/main.js'],
      {
        cwd: join(root, 'apps', name),
        env: { ...env, OPS_PORT: String(opsPort), OPS_HOST: '127.0.0.1', TRIVIUM_SERVICE: name },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        // A terminal's Ctrl-C must reach the launcher alone, which then stops services in order.
        detached: true,
      },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log.write(chunk);
        this.#output = (this.#output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
      });
    }
    child.once('error', (error) => this.#report(`${name} could not be started: ${error.message}`));
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve();
        if (!this.#stopping.signal.aborted) void this.#recover(performance.now() - started, code, signal);
      });
    });
  }

  async #recover(uptimeMs: number, code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const wait = this.#backoff.after(uptimeMs);
    const why = signal === null ? `exit code ${String(code)}` : signal;
    this.#report(`${this.name} stopped (${why}); starting it again in ${wait / 1000} s`);
    try {
      await delay(wait, undefined, { signal: this.#stopping.signal });
    } catch {
      return; // the house is closing
    }
    this.start();
    await this.untilReady(this.#stopping.signal).then(
      () => this.#report(`${this.name} is back`),
      () => undefined,
    );
  }

  /** Polls the service's own readiness until it says yes. Rejects when the signal aborts first. */
  async untilReady(signal: AbortSignal): Promise<void> {
    while (!(await this.#isReady())) await delay(PROBE_EVERY_MS, undefined, { signal });
  }

  async #isReady(): Promise<boolean> {
    try {
      const reply = await fetch(`http://127.0.0.1:${this.#launch.opsPort}/health/ready`, {
        signal: AbortSignal.timeout(2000),
      });
      await reply.arrayBuffer();
      return reply.ok;
    } catch {
      return false; // not listening yet
    }
  }

  /** The last lines it printed, to show when it does not come up. */
  get lastOutput(): string {
    return this.#output.trimEnd();
  }

  /** SIGTERM, then SIGKILL when it outstays its drain. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const overdue = setTimeout(() => {
        this.#report(`${this.name} did not stop in time and is killed`);
        child.kill('SIGKILL');
      }, STOP_LIMIT_MS);
      await this.#exited;
      clearTimeout(overdue);
    }
    await this.#log.close();
  }

  /** For a second Ctrl-C: at once. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child?.kill(signal);
  }
}
