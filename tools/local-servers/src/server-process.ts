import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** A line of its output that means "accepts connections". */
  readonly readyLine: string;
  /** The signal that asks for a quick, clean stop. */
  readonly stopSignal: NodeJS.Signals;
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const KEPT_OUTPUT = 8192;
const START_LIMIT_MS = 60_000;

/** A server under a guardian process. It lives until it is stopped, killed, or this process ends. */
export class ServerProcess {
  readonly #guardian: ChildProcess;
  readonly exited: Promise<void>;
  #output = '';
  #pid: number | undefined;
  #running = true;

  private constructor(command: ServerCommand) {
    this.#guardian = fork(fileURLToPath(new URL('guardian.js', import.meta.url)), [], {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.exited = new Promise((resolve) => {
      this.#guardian.once('exit', () => {
        this.#running = false;
        resolve();
      });
    });
    this.#guardian.send({
      command: command.command,
      args: command.args,
      stopSignal: command.stopSignal,
      uid: command.uid,
      gid: command.gid,
      env: command.env ?? {},
    });
  }

  /** Resolves when the ready line was printed; rejects with the last output when the server ended first. */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    await server.#waitUntilReady(command);
    return server;
  }

  async #waitUntilReady(command: ServerCommand): Promise<void> {
    const failure = (why: string) => new Error(`${command.command} ${why}\n${this.#output}`);
    let giveUp: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const read = (chunk: Buffer): void => {
          this.#output = (this.#output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
          if (this.#output.includes(command.readyLine)) resolve();
        };
        this.#guardian.stdout?.on('data', read);
        this.#guardian.stderr?.on('data', read);
        this.#guardian.on('message', (message) => {
          this.#pid = (message as { pid: number }).pid;
        });
        void this.exited.then(() => reject(failure('ended before it was ready')));
        giveUp = setTimeout(() => reject(failure('was not ready in time')), START_LIMIT_MS);
      });
    } catch (error) {
      if (this.#guardian.connected) this.#guardian.disconnect();
      throw error;
    } finally {
      clearTimeout(giveUp);
    }
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** Process id of the server itself. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** The last output, for a message when something went wrong. */
  get output(): string {
    return this.#output;
  }

  /** Sends the signal to the server and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#running) this.#guardian.send(signal, () => undefined);
    await this.exited;
  }

  /** A clean stop; waits until the server is gone. */
  async stop(): Promise<void> {
    if (this.#guardian.connected) this.#guardian.disconnect();
    await this.exited;
  }

  /** Does not keep this process alive; the guardian ends the server when this process ends. */
  unref(): void {
    this.#guardian.unref();
    this.#guardian.channel?.unref();
  }
}
