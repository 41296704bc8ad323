import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readText } from '@trivium/contracts/vision-inference';
import { freePort, startNats } from '@trivium/local-servers';
import { connectMessaging } from '@trivium/messaging';
import type { PeerName, PeerReply } from './peer-process.js';

/** Reads the lines of a photo; calls may overlap. */
export interface Reader extends AsyncDisposable {
  read(path: string): Promise<readonly string[]>;
}

const SERVICE = fileURLToPath(new URL('../../../../apps/vision-inference/dist/main.js', import.meta.url));
const READY_POLL_MS = 100;
const DEADLINE_MS = 300_000;

/** The service itself, over NATS, as any client reaches it: photos stored as blobs, replies decoded. */
export async function triviumReader(): Promise<Reader> {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const opsPort = await freePort();
  const service = stack.adopt(
    fork(SERVICE, [], {
      execArgv: ['--import', import.meta.resolve('@trivium/telemetry/register')],
      env: {
        ...process.env,
        NATS_URL: nats.url,
        OPS_HOST: '127.0.0.1',
        OPS_PORT: `${opsPort}`,
        LOG_LEVEL: 'error',
      },
    }),
    stop,
  );
  await ready(opsPort, service);
  const messaging = stack.use(await connectMessaging({ name: 'bench', servers: nats.url }));
  const owned = stack.move();
  return {
    async read(path) {
      const image = await messaging.blobs.put(await readFile(path), 'image/jpeg');
      const { lines } = await messaging.call(readText, { image }, { deadline: DEADLINE_MS });
      return lines.map(({ text }) => text);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function ready(port: number, service: ChildProcess): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (service.exitCode !== null) throw new Error(`vision-inference ended with code ${service.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

/** A peer in a process of its own, with the same model files. */
export async function peerReader(name: PeerName): Promise<Reader> {
  const peer = fork(new URL('peer-process.js', import.meta.url), [name]);
  await once(peer, 'message');
  const waiting = new Map<number, PromiseWithResolvers<readonly string[]>>();
  peer.on('message', ({ id, texts, error }: PeerReply) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(texts);
    else call?.reject(new Error(`${name}: ${error}`));
  });
  let nextId = 1;
  return {
    read(path) {
      const call = Promise.withResolvers<readonly string[]>();
      const id = nextId++;
      waiting.set(id, call);
      peer.send({ id, path });
      return call.promise;
    },
    [Symbol.asyncDispose]: () => stop(peer),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
