/** One line of a report. */
export interface Row {
  readonly metric: string;
  /** Median over the rounds. */
  readonly ours: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly peer: { readonly name: string; readonly value: number } | null;
  /** Ours divided by the peer's, both medians; null without a peer. */
  readonly ratio: number | null;
  /** With a peer the ratio to reach, without one the value: at least where higher is better, at most where lower is. */
  readonly goal: number | null;
  readonly met: boolean | null;
  /** Largest minus smallest of our rounds, divided by their median. */
  readonly spread: number;
}

export interface BenchmarkOptions {
  /** Rounds of every contender, at least five for a figure that is shown to others. */
  readonly rounds: number;
  /** How much is measured, where a benchmark makes its own inputs; absent: its default. */
  readonly count?: number | undefined;
  /** Says what is being done; goes to stderr. */
  progress(text: string): void;
}

/** What `npm run bench -- <name>` runs. */
export interface Benchmark {
  readonly name: string;
  readonly description: string;
  /** For those that take long. Absent: five. */
  readonly defaultRounds?: number | undefined;
  run(options: BenchmarkOptions): Promise<readonly Row[]>;
}
