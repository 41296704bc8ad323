import type { DecoderSession } from '../session/decoder-session.js';
import type { SessionPlace, TensorSession } from '../session/tensor-session.js';

/** Dense values in row-major order, as they cross into and out of a session. */
export interface Values {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** One loaded model. Runs block the worker's thread, which is why it has one of its own. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Readonly<Record<string, Values>>): Promise<Readonly<Record<string, Values>>>;
}

export interface ModelFile {
  readonly path: string;
  /** Lower-case hex; the file is refused when it differs. */
  readonly sha256: string;
}

/** How a model is changed before it is loaded; its weights stay the file's. */
interface SessionChanges {
  /**
   * In place of the one output of probabilities, answer the outputs `best-class` and `best-probability`
   * along this axis.
   */
  readonly bestClassAxis?: number | undefined;
}

/** What a program may ask of the worker that loads it. */
export interface ProgramContext<Options> {
  readonly options: Options;
  openSession(file: ModelFile, options?: SessionChanges): Promise<Session>;
  /** For models of any datatype, loaded as they are. */
  openTensorSession(file: ModelFile, place: SessionPlace): Promise<TensorSession>;
  /** For decoder-only language models, which run step by step. */
  openDecoder(file: ModelFile, place: SessionPlace): Promise<DecoderSession>;
  /** Bytes that came with a task of the batch that runs. */
  attachment(id: string): Uint8Array;
  /** Bytes of a companion file (labels, dictionary), checked like a model. */
  readFile(file: ModelFile): Promise<Uint8Array>;
}

/** Code that lives in the worker beside its sessions: what happens before, between and after the runs. */
export interface Program<Task, Result> {
  /** Plain data about what was loaded, for the service that owns the worker; complete after the warm-up. */
  readonly facts?: unknown;
  /** Names the work in traces; from a closed set. */
  operationOf(task: Task): string;
  /** Runs every path once, so that the first caller does not pay for it. */
  warmUp(): Promise<void>;
  /** Answers in the order of the tasks, which share a bucket. */
  run(tasks: readonly Task[]): Promise<readonly Result[]>;
  /** No task will name this attachment again: drop what was made of it. */
  release?(attachmentId: string): void;
}

/** Default export of a program module. */
export type LoadProgram<Options, Task, Result> = (
  context: ProgramContext<Options>,
) => Promise<Program<Task, Result>>;
