import type { BenchmarkOptions, Row } from '../harness/benchmark.js';
import { median, runRounds, type Sample } from '../harness/rounds.js';
import { Contender } from './contenders.js';
import type { Plan } from './plan.js';
import type { Load, Opening } from './protocol.js';
import { lengthsOf } from './traces.js';

export const OURS = 'trivium';
export const BARE = 'onnxruntime-node';
export const TRANSFORMERS = '@huggingface/transformers';
const PEERS = [BARE, TRANSFORMERS] as const;

/** Samples of one load, by contender. */
export type Samples = Readonly<Record<string, readonly Sample[]>>;

const CALIBRATION = { seed: 1, requests: 1_000, inFlight: 8, rounds: 3 } as const;

/** The contenders over the same model file, each in a process of its own, warm. */
export class Contest implements AsyncDisposable {
  private constructor(
    readonly ours: Contender,
    /** Requests of mixed lengths per second that our workers answer one by one. */
    readonly capacity: number,
    private readonly contenders: readonly Contender[],
    private readonly stack: AsyncDisposableStack,
  ) {}

  static async open(
    model: Pick<Opening, 'precision' | 'folder' | 'peers'>,
    plan: Plan,
    { progress }: BenchmarkOptions,
  ): Promise<Contest> {
    await using stack = new AsyncDisposableStack();
    progress(`${model.precision}: starting ${OURS}`);
    const ours = stack.use(await Contender.start({ ...model, contender: OURS }));
    // Its model of durations learns.
    for (let round = 0; round < CALIBRATION.rounds; round += 1) await ours.measure(calibration(plan));
    const { rate } = await ours.measure({ ...calibration(plan), policy: 'one-by-one' });
    const contenders = [ours];
    for (const name of PEERS) {
      if (name === TRANSFORMERS && model.peers === undefined) continue;
      progress(`${model.precision}: looking for the best number of threads of ${name}`);
      contenders.push(stack.use(await quickest({ ...model, contender: name }, plan)));
    }
    return new Contest(ours, rate, contenders, stack.move());
  }

  get peers(): readonly string[] {
    return this.contenders.slice(1).map(({ opening }) => opening.contender);
  }

  /** One load on each in turn, as often as there are rounds. */
  async run(title: string, load: Load, options: BenchmarkOptions): Promise<Samples> {
    const entries = this.contenders.map(
      (contender) => [contender.opening.contender, () => contender.measure(load)] as const,
    );
    const progress = (text: string): void => options.progress(`${title}: ${text}`);
    return runRounds(Object.fromEntries(entries), { ...options, progress });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack.disposeAsync();
  }
}

/** The same contender with every number of threads, in turns; the one that answers most requests stays. */
async function quickest(opening: Opening, plan: Plan): Promise<Contender> {
  await using stack = new AsyncDisposableStack();
  const candidates: { readonly contender: Contender; readonly rates: number[] }[] = [];
  for (const threads of plan.threads) {
    candidates.push({ contender: stack.use(await Contender.start({ ...opening, threads })), rates: [] });
  }
  for (let round = 0; round <= CALIBRATION.rounds; round += 1) {
    for (const { contender, rates } of candidates) {
      const { rate } = await contender.measure(calibration(plan));
      if (round > 0) rates.push(rate); // the first warms up
    }
  }
  candidates.sort((one, other) => median(other.rates) - median(one.rates));
  const [best, ...others] = candidates;
  if (best === undefined) throw new Error('The plan names no number of threads');
  for (const { contender } of others) await contender[Symbol.asyncDispose]();
  stack.move();
  return best.contender;
}

function calibration({ closedSeconds }: Plan): Load {
  const lengths = lengthsOf('mixed', CALIBRATION.requests, CALIBRATION.seed);
  return { kind: 'closed', inFlight: CALIBRATION.inFlight, lengths, seconds: closedSeconds / 2 };
}

export type Measure = (contest: Contest, plan: Plan, options: BenchmarkOptions) => Promise<readonly Row[]>;
