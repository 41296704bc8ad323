export type EngineName = 'trivium' | '@huggingface/transformers' | 'node-llama-cpp';

export interface FileFacts {
  readonly sha256: string;
  readonly bytes: number;
}

/** The first argument of an engine's process, as JSON. */
export interface Opening {
  readonly engine: EngineName;
  readonly folder: string;
  readonly files: Readonly<Record<string, FileFacts>>;
  /** Folder whose `node_modules` holds the peers. */
  readonly peers: string | undefined;
  /** Most sequences at a time. */
  readonly concurrent: number;
  readonly threads: number;
}

export interface Prompt {
  readonly ids: readonly number[];
  /** Milliseconds after the order. Absent: at once. */
  readonly startMs?: number;
  /** Leaves so long after its start, unless its answer is shown by then. Absent: never. */
  readonly patienceMs?: number;
  /** Tokens after which enough of the answer is shown for its reader to stay. Absent: all of them. */
  readonly shownAfter?: number;
}

export interface Order {
  readonly prompts: readonly Prompt[];
  readonly newTokens: number;
  /** Measure resident memory when the last sequence is half written. */
  readonly memory?: boolean;
}

export interface Written {
  /** Milliseconds from its start to each token; those of a batch that has no stream may be known only as one. */
  readonly atMs: readonly number[];
  readonly abandoned: boolean;
}

export interface Outcome {
  readonly written: readonly Written[];
  readonly wallMs: number;
  readonly residentBytes?: number;
}

export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  | { readonly type: 'failed'; readonly message: string };

/** One engine as its process drives it. */
export interface TextEngine extends AsyncDisposable {
  /** Whether sequences begin on their own; otherwise a whole batch is written by one call. */
  readonly kind: 'sequences' | 'batches';
  /** Calls `onToken` with the index of the prompt for each token that is written. */
  write(
    prompts: readonly (readonly number[])[],
    newTokens: number,
    onToken: (prompt: number) => void,
    signal?: AbortSignal,
  ): Promise<void>;
}
