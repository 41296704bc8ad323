export type Priority = 'interactive' | 'batch';

/** Where the time of one piece of work went, and how many pieces shared its run. */
export interface WorkExecution {
  readonly queueMs: number;
  readonly computeMs: number;
  readonly batchSize: number;
}

export interface Completed<Output> {
  readonly output: Output;
  readonly execution: WorkExecution;
}

/** One piece of work that waits for, or is in, a batch. */
export interface Entry<Input, Output> {
  readonly input: Input;
  readonly cost: number;
  readonly bucket: string;
  readonly priority: Priority;
  /** Orders the line; a later step of old work keeps the old work's place. */
  readonly arrivedAt: number;
  readonly sequence: number;
  readonly enteredAt: number;
  readonly deadline: number;
  /** Runs without company, because a batch that it was in ended its worker. */
  alone: boolean;
  losses: number;
  /** Nobody waits for the answer any more. */
  settled: boolean;
  readonly resolve: (completed: Completed<Output>) => void;
  readonly reject: (error: unknown) => void;
}

const RANK = { interactive: 0, batch: 1 } as const satisfies Record<Priority, number>;

type Ordered = Pick<Entry<unknown, unknown>, 'priority' | 'arrivedAt' | 'sequence'>;

export function compareEntries(left: Ordered, right: Ordered): number {
  return (
    RANK[left.priority] - RANK[right.priority] ||
    left.arrivedAt - right.arrivedAt ||
    left.sequence - right.sequence
  );
}
