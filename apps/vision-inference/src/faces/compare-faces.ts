import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { compareFaces, FaceComparison } from '@trivium/contracts/faces';
import type { CallContext } from '@trivium/messaging';
import { executionOf } from './execution.js';
import type { DescribedFace, FaceDescriber } from './face-describer.js';
import type { FaceFinder } from './face-finder.js';
import type { FaceRequests } from './face-requests.js';
import { judge } from './sameness.js';

type Request = ParsedRequestOf<typeof compareFaces>;
type Reply = ReplyOf<typeof compareFaces>;

/** Compares the largest face of one picture with that of another. */
export class CompareFaces {
  constructor(
    private readonly requests: FaceRequests,
    private readonly finder: FaceFinder,
    private readonly describer: FaceDescriber,
  ) {}

  execute({ first, second, threshold }: Request, context: CallContext): Promise<Reply> {
    const { template } = this.describer;
    return this.requests.serve('compare-faces', context, async ({ find, options }) => {
      const found = await Promise.all([find(first, 'first', template), find(second, 'second', template)]);
      const [one, other] = found.map(({ output }) => output);
      const reply: Reply = {
        first: one?.faces[0] ?? null,
        second: other?.faces[0] ?? null,
        comparison: null,
        execution: found.map(({ execution }) => executionOf(this.finder, execution)),
      };
      if (one?.chip === undefined || other?.chip === undefined) return reply;
      const [mine, theirs] = await Promise.all([
        this.describer.describe(one.chip, options, context),
        this.describer.describe(other.chip, options, context),
      ]);
      return {
        ...reply,
        comparison: this.#compare(mine, theirs, threshold),
        execution: [...reply.execution, mine.execution, theirs.execution],
      };
    });
  }

  #compare(one: DescribedFace, other: DescribedFace, threshold: number | undefined): FaceComparison {
    // A version that took over in between makes numbers of another meaning.
    if (one.model.sha256 !== other.model.sha256) {
      throw new DomainError('unavailable', 'The face model was replaced meanwhile; try again.', {
        retryable: true,
        retryAfterMs: 0,
      });
    }
    const distance = this.describer.distance(one.values, other.values);
    return { ...judge(distance, this.describer.calibration, threshold), model: one.model };
  }
}
