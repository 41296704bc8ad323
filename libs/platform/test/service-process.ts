import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly pid: number;
  readonly port?: number;
}

/** The echo service as its own process, seen from outside: its log, its ops port, its end. */
export class ServiceProcess implements Disposable {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  #log = '';
  #over = false;

  constructor(env: Record<string, string>, file = 'echo.child.ts') {
    this.child = fork(new URL(file, import.meta.url), {
      execArgv: ['--import', '@trivium/telemetry/register'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        TRIVIUM_SERVICE: 'echo',
        OPS_HOST: '127.0.0.1',
        OPS_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('the log is read from stdout');
    stdout.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    this.exited = Promise.all([once(this.child, 'exit'), once(stdout, 'close')]).then(([[code]]) => {
      this.#over = true;
      return code as number | null;
    });
  }

  get log(): string {
    return this.#log;
  }

  lines(): readonly Line[] {
    const complete = this.#log.slice(0, this.#log.lastIndexOf('\n') + 1);
    return complete
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  }

  async logged(message: string): Promise<Line> {
    return await vi.waitFor(
      () => {
        const line = this.lines().find(({ msg }) => msg === message);
        if (line === undefined) throw new Error(`"${message}" was not logged:\n${this.#log}`);
        return line;
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  async ask(path: string): Promise<Answer> {
    const { port } = await this.logged('ops server listening');
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  }

  async answers(path: string, status: number): Promise<Answer> {
    return await vi.waitFor(
      async () => {
        const answer = await this.ask(path);
        if (answer.status !== status)
          throw new Error(`${path} answers ${answer.status} ${answer.body}, not ${status}`);
        return answer;
      },
      { timeout: 20_000, interval: 50 },
    );
  }

  /** Ends what is left of it, whoever its parent is by now: every line of the log names its process. */
  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
    if (this.#over) return;
    for (const pid of new Set(this.lines().map((line) => line.pid))) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone already
      }
    }
  }
}
