import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Worker, WorkerLost } from '@trivium/serving';
import { describeExit } from './describe-exit.js';
import { MessageStream } from './message-stream.js';
import {
  type Attachment,
  type FromWorker,
  fromFault,
  MESSAGES_FD,
  type ToWorker,
  type Work,
} from './protocol.js';

export interface ProgramReference {
  /** URL of the program module. */
  readonly program: string;
  /** Plain data for the program. */
  readonly options: unknown;
  /** Whose name the worker's traces and logs carry. */
  readonly service: string;
}

interface Pending {
  readonly id: number;
  readonly resolve: (results: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Freed blocks above so many bytes go back to the system. Without it glibc raises its limit with every large
 * block, and what loading needed for a while stays resident.
 */
const MALLOC_MMAP_THRESHOLD_ = '131072';
/** A worker that was asked to leave and has not is stopped or stuck in native code. */
const LEAVES_WITHIN_MS = 30_000;
const WORKER_MAIN = fileURLToPath(new URL('worker-main.js', import.meta.url));
const TELEMETRY = import.meta.resolve('@trivium/telemetry/register');

/** A process that loads one program and answers its tasks, one batch at a time. */
export class WorkerProcess<Task, Result> implements Worker<readonly Work<Task>[], readonly Result[]> {
  readonly ready: Promise<void>;
  readonly exited: Promise<string>;
  memoryBytes = 0;
  /** What the program told of itself when it was ready. */
  facts: unknown;
  /** Its end was asked for: it does not count as a crash. */
  dismissed = false;
  readonly #child: ChildProcess;
  readonly #messages: MessageStream<FromWorker, ToWorker>;
  readonly #readiness = Promise.withResolvers<void>();
  readonly #attached = new Set<string>();
  #pending: Pending | undefined;
  #nextId = 1;

  constructor(reference: ProgramReference) {
    this.#child = spawn(process.execPath, ['--expose-gc', '--import', TELEMETRY, WORKER_MAIN], {
      env: { ...process.env, TRIVIUM_SERVICE: reference.service, MALLOC_MMAP_THRESHOLD_ },
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    // A pipe beside the standard streams is a socket, which goes both ways.
    const socket = this.#child.stdio[MESSAGES_FD] as Socket;
    this.#messages = new MessageStream(socket, (message) => this.#receive(message));
    this.ready = this.#readiness.promise;
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(describeExit(code, signal, this.dismissed)));
    });
    this.#child.on('error', () => undefined); // one that cannot be told anything any more is seen by its exit
    void this.exited.then((detail) => {
      const lost = new WorkerLost('exited', detail);
      this.#readiness.reject(lost);
      this.#pending?.reject(lost);
    });
    this.#messages.send({ type: 'start', program: reference.program, options: reference.options });
  }

  run(batch: readonly Work<Task>[]): Promise<readonly Result[]> {
    const id = this.#nextId++;
    const attachments = this.#notYetSent(batch);
    const tasks = batch.map(({ task, trace }) => ({ task, trace }));
    return new Promise((resolve, reject) => {
      this.#pending = { id, resolve: (results) => resolve(results as readonly Result[]), reject };
      this.#messages.send({ type: 'run', id, tasks, attachments });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** No later task will name this attachment. */
  release(attachmentId: string): void {
    if (this.#attached.delete(attachmentId)) this.#messages.send({ type: 'release', attachmentId });
  }

  kill(): void {
    this.dismissed = true;
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.dismissed = true;
    this.#messages.end();
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), LEAVES_WITHIN_MS);
    await this.exited;
    clearTimeout(impatience);
  }

  #notYetSent(batch: readonly Work<Task>[]): Attachment[] {
    return batch.flatMap(({ attachment }) => {
      if (attachment === undefined || this.#attached.has(attachment.id)) return [];
      this.#attached.add(attachment.id);
      return [attachment];
    });
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.memoryBytes = message.memoryBytes;
        this.facts = message.facts;
        this.#readiness.resolve();
        return;
      case 'failed':
        this.#readiness.reject(fromFault(message.error));
        return;
      case 'reply':
      case 'error':
        this.memoryBytes = message.memoryBytes;
        this.#settle(message);
    }
  }

  #settle(message: Extract<FromWorker, { type: 'reply' | 'error' }>): void {
    const pending = this.#pending;
    if (pending?.id !== message.id) return;
    this.#pending = undefined;
    if (message.type === 'reply') pending.resolve(message.results);
    else pending.reject(fromFault(message.error));
  }
}
