import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const POLL_MS = 50;

export interface RunningVision extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly messaging: Messaging;
  readonly opsUrl: string;
  /** Process ids of its workers. */
  workers(): Promise<number[]>;
}

/** The service as it runs in production, against a NATS server of the test's own. */
export async function startVision(
  natsUrl: string,
  env: Readonly<Record<string, string>> = {},
  untilReady = true,
): Promise<RunningVision> {
  const opsPort = await freePort();
  const child = fork(MAIN, [], {
    execArgv: ['--import', import.meta.resolve('@trivium/telemetry/register')],
    env: {
      ...process.env,
      NATS_URL: natsUrl,
      OPS_HOST: '127.0.0.1',
      OPS_PORT: `${opsPort}`,
      LOG_LEVEL: 'fatal',
      ...env,
    },
  });
  const opsUrl = `http://127.0.0.1:${opsPort}`;
  await answers(`${opsUrl}/health/ready`, child, untilReady ? isReady : isOpen);
  const messaging = await connectMessaging({ name: 'vision-test', servers: natsUrl });
  return {
    process: child,
    messaging,
    opsUrl,
    workers: async () => {
      const list = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      return list.trim().split(/\s+/u).map(Number);
    },
    [Symbol.asyncDispose]: async () => {
      await messaging[Symbol.asyncDispose]();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

interface Readiness {
  readonly checks: readonly { readonly name: string; readonly ready: boolean }[];
}

const isReady = async (response: Response): Promise<boolean> => response.ok;
/** Its subjects are open, whatever its models say. */
const isOpen = async (response: Response): Promise<boolean> => {
  const { checks } = (await response.json()) as Readiness;
  return checks.some(({ name, ready }) => name === 'service' && ready);
};

/** Readiness is not announced, so it is asked for. */
async function answers(
  url: string,
  child: ChildProcess,
  isSo: (response: Response) => Promise<boolean>,
): Promise<void> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined && (await isSo(response))) return;
    if (child.exitCode !== null) throw new Error(`The service ended with code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
