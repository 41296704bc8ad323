import { Socket } from 'node:net';
import { shutdownTelemetry } from '@trivium/telemetry';
import type { LoadProgram, Program } from '../program/program.js';
import { openDecoderFile } from '../session/decoder-session.js';
import { openOnnxSession } from '../session/onnx-session.js';
import { openTensorFile } from '../session/tensor-session.js';
import { readVerifiedFile } from '../session/verified-file.js';
import { MessageStream } from './message-stream.js';
import {
  type FromWorker,
  MESSAGES_FD,
  type RunMessage,
  type StartMessage,
  toFault,
  type ToWorker,
} from './protocol.js';
import { inTaskSpans } from './task-spans.js';

const service = new Socket({ fd: MESSAGES_FD });
const messages = new MessageStream<ToWorker, FromWorker>(service, receive);
const attachments = new Map<string, Uint8Array>();
let program: Program<unknown, unknown> | undefined;

async function start({ program: url, options }: StartMessage): Promise<void> {
  try {
    const { default: load } = (await import(url)) as { default: LoadProgram<unknown, unknown, unknown> };
    const loaded = await load({
      options,
      openSession: async (file, changes) => openOnnxSession(await readVerifiedFile(file), changes),
      openTensorSession: openTensorFile,
      openDecoder: openDecoderFile,
      readFile: readVerifiedFile,
      attachment,
    });
    await loaded.warmUp();
    program = loaded;
    globalThis.gc?.(); // the bytes of the files, which the sessions have taken in
    messages.send({ type: 'ready', memoryBytes: process.memoryUsage.rss(), facts: loaded.facts });
  } catch (error) {
    messages.send({ type: 'failed', error: toFault(error) });
  }
}

function attachment(id: string): Uint8Array {
  const bytes = attachments.get(id);
  if (bytes === undefined) throw new RangeError(`No attachment ${id}`);
  return bytes;
}

function release(attachmentId: string): void {
  attachments.delete(attachmentId);
  program?.release?.(attachmentId);
}

async function run({ id, tasks, attachments: sent }: RunMessage): Promise<void> {
  try {
    for (const { id: name, bytes } of sent) attachments.set(name, bytes);
    if (program === undefined) throw new Error('Work came before the program was ready');
    const results = await inTaskSpans(program, tasks);
    messages.send({ type: 'reply', id, results, memoryBytes: process.memoryUsage.rss() });
  } catch (error) {
    messages.send({ type: 'error', id, error: toFault(error), memoryBytes: process.memoryUsage.rss() });
  }
}

// The parent decides when a worker leaves: a signal to the whole process group must not cut work short.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
service.on('close', () => {
  void shutdownTelemetry().finally(() => process.exit(0)); // native threads must not keep an orphan alive
});

function receive(message: ToWorker): void {
  switch (message.type) {
    case 'start':
      return void start(message);
    case 'run':
      return void run(message);
    case 'release':
      return release(message.attachmentId);
  }
}
