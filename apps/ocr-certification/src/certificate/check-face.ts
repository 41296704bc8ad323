import { DomainError, type ReplyOf } from '@trivium/contracts';
import type { FaceCheck } from '@trivium/contracts/certificates';
import type { Binary } from '@trivium/contracts/content';
import { compareFaces } from '@trivium/contracts/faces';
import type { CallContext, Messaging } from '@trivium/messaging';

export interface FacePicture {
  readonly image: Binary;
  readonly path: string | undefined;
}

export const NO_PORTRAIT: FaceCheck = {
  outcome: 'not-requested',
  message: 'No portrait was sent to compare with.',
  comparison: null,
};

/** The face on the document against the one in the portrait. No picture and no embedding of it is kept. */
export class CheckFace {
  constructor(private readonly messaging: Pick<Messaging, 'call'>) {}

  async execute(document: FacePicture, portrait: FacePicture, context: CallContext): Promise<FaceCheck> {
    try {
      const request = { first: pictureOf(document), second: pictureOf(portrait) };
      return outcomeOf(await this.messaging.call(compareFaces, request, { context }));
    } catch (error) {
      if (!DomainError.is(error) || !(error.code === 'model_not_available' || error.code === 'unavailable')) {
        throw error;
      }
      return {
        outcome: 'not-checked',
        message: `The faces were not compared, because ${REASONS[error.code]}.`,
        comparison: null,
      };
    }
  }
}

const REASONS = {
  model_not_available: 'there is no model for faces on this server',
  unavailable: 'the service that compares them does not answer',
} as const;

export function outcomeOf({ first, second, comparison }: ReplyOf<typeof compareFaces>): FaceCheck {
  if (first === null) return without('no-face-in-document', 'No face was found on the document.');
  if (second === null || comparison === null) {
    return without('no-face-in-portrait', 'No face was found in the portrait.');
  }
  const { distance, threshold, same } = comparison;
  const figures = `distance ${distance.toFixed(3)}, threshold ${threshold.toFixed(3)}`;
  return same
    ? { outcome: 'same', message: `The faces are alike (${figures}).`, comparison }
    : { outcome: 'different', message: `The faces are not alike (${figures}).`, comparison };
}

const without = (outcome: FaceCheck['outcome'], message: string): FaceCheck => ({
  outcome,
  message,
  comparison: null,
});

const pictureOf = ({ image, path }: FacePicture) => ({ image, ...(path === undefined ? {} : { path }) });
