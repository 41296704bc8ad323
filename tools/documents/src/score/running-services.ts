import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { freePort, startNats } from '@trivium/local-servers';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Those that read documents. */
const READERS = ['vision-inference', 'ocr-certification'] as const;

/** A broker of its own and built services, each as a process. */
export class RunningServices implements AsyncDisposable {
  readonly messaging: Messaging;
  readonly #stack: AsyncDisposableStack;

  private constructor(messaging: Messaging, stack: AsyncDisposableStack) {
    this.messaging = messaging;
    this.#stack = stack;
  }

  static async start(names: readonly (typeof READERS)[number][] = READERS): Promise<RunningServices> {
    await using stack = new AsyncDisposableStack();
    const nats = await startNats();
    stack.defer(async () => nats.stop());
    for (const name of names) {
      const port = await freePort();
      const service = startService(name, nats.url, port);
      stack.defer(async () => stop(service));
      await ready(service, port);
    }
    const messaging = await connectMessaging({ name: 'documents', servers: nats.url });
    stack.use(messaging);
    return new RunningServices(messaging, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function startService(name: string, natsUrl: string, port: number): ChildProcess {
  return spawn(process.execPath, ['--import', '@trivium/telemetry/register', 'dist/main.js'], {
    cwd: `${ROOT}apps/${name}`,
    env: {
      ...process.env,
      NATS_URL: natsUrl,
      OPS_HOST: '127.0.0.1',
      OPS_PORT: String(port),
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** Models take a while to load; the ops port answers 200 when they are there. */
async function ready(service: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (service.exitCode !== null)
      throw new Error(`a service ended with ${service.exitCode} while it started`);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function stop(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) return;
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  await exited;
}
