import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@trivium/local-servers';
import { vi } from 'vitest';

const APP = fileURLToPath(new URL('..', import.meta.url));

/** The built service as its own process, seen from outside: its ops port and its end. */
export class ServiceProcess implements AsyncDisposable {
  readonly exited: Promise<number | null>;

  private constructor(
    readonly child: ChildProcess,
    private readonly port: number,
  ) {
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
  }

  static async start(natsUrl: string, env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, ['--import', '@trivium/telemetry/register', 'dist/main.js'], {
      cwd: APP,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NATS_URL: natsUrl,
        OPS_HOST: '127.0.0.1',
        OPS_PORT: String(port),
        LOG_LEVEL: 'error',
        // a key of the tests, not of a server in this checkout
        TRIVIUM_HOME: join(tmpdir(), 'trivium-ocr-tests'),
        ...env,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const service = new ServiceProcess(child, port);
    await vi.waitFor(
      async () => {
        const { status, body } = await service.ask('/health/ready');
        if (status !== 200) throw new Error(`not ready: ${body}`);
      },
      { timeout: 30_000, interval: 50 },
    );
    return service;
  }

  async ask(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
    return { status: response.status, body: await response.text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
