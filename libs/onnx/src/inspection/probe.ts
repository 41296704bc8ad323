import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@trivium/contracts';
import type { FromProbe, ProbeResults, ProbeTask } from './probe-protocol.js';

const PROBE_MAIN = fileURLToPath(new URL('probe-main.js', import.meta.url));

export interface ProbeOptions {
  readonly signal?: AbortSignal | undefined;
  /** The process is killed after so many milliseconds. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 300_000;
/**
 * Larger blocks are given back to the system when they are freed. Without it glibc raises this limit with
 * every large block, and what loading needed for a while stays resident: 50 MiB instead of 62 for an int8
 * model of 22 MiB.
 */
const MMAP_THRESHOLD = '131072';

/**
 * Runs one task in a new process.
 * @throws DomainError `model_not_available` when the model cannot be loaded or run, or ends the process;
 *   `deadline_exceeded`, `cancelled`
 */
export async function probe<Type extends ProbeTask['type']>(
  task: Extract<ProbeTask, { type: Type }>,
  { signal, timeoutMs = TIMEOUT_MS }: ProbeOptions = {},
): Promise<ProbeResults[Type]> {
  if (signal?.aborted === true) throw cancelled();
  const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: MMAP_THRESHOLD }; // handed on, not read
  const child = fork(PROBE_MAIN, [], { serialization: 'advanced', execArgv: [], env });
  const answer = Promise.withResolvers<ProbeResults[Type]>();
  const abort = (): void => answer.reject(cancelled());
  const timer = setTimeout(() => {
    answer.reject(new DomainError('deadline_exceeded', `The model has not been measured in ${timeoutMs} ms`));
  }, timeoutMs);
  signal?.addEventListener('abort', abort, { once: true });
  child.once('error', (cause) => answer.reject(notAvailable(cause.message)));
  child.once('exit', (code, how) => {
    answer.reject(notAvailable(`The process that ran the model ended with ${how ?? `code ${code}`}`));
  });
  child.on('message', (message: FromProbe) => {
    if (message.type === 'result') answer.resolve(message.result as ProbeResults[Type]);
    else answer.reject(notAvailable(message.message));
  });
  child.send(task, (error) => {
    if (error !== null) answer.reject(notAvailable(error.message));
  });
  try {
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  }
}

const cancelled = (): DomainError => new DomainError('cancelled', 'The measurement was cancelled');
const notAvailable = (message: string): DomainError => new DomainError('model_not_available', message);
