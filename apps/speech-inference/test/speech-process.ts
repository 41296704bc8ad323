import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The service as its own process, started as it is in production and seen from outside. */
export class SpeechProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly exited: Promise<number | null>;
  #log = '';

  constructor(natsUrl: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = fork(MAIN, {
      execArgv: ['--import', '@trivium/telemetry/register'],
      env: { PATH: process.env['PATH'], NATS_URL: natsUrl, OPS_HOST: '127.0.0.1', OPS_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    this.exited = once(this.#child, 'exit').then(([code]) => code as number | null);
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }

  async ready(): Promise<this> {
    await vi.waitFor(
      async () => {
        const response = await this.ops('/health/ready');
        if (response.status !== 200) throw new Error(await response.text());
      },
      { timeout: 30_000, interval: 50 },
    );
    return this;
  }

  async ops(path: string): Promise<Response> {
    const port = /"port":(\d+)/.exec(this.#log)?.[1];
    if (port === undefined) throw new Error(`the ops server is not up yet:\n${this.#log}`);
    return fetch(`http://127.0.0.1:${port}${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.exited;
  }
}
