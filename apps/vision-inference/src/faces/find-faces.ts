import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { findFaces } from '@trivium/contracts/faces';
import type { CallContext } from '@trivium/messaging';
import { executionOf } from './execution.js';
import type { FaceFinder } from './face-finder.js';
import type { FaceRequests } from './face-requests.js';

export class FindFaces {
  constructor(
    private readonly requests: FaceRequests,
    private readonly finder: FaceFinder,
  ) {}

  execute(
    picture: ParsedRequestOf<typeof findFaces>,
    context: CallContext,
  ): Promise<ReplyOf<typeof findFaces>> {
    return this.requests.serve('find-faces', context, async (request) => {
      const { output, execution } = await request.find(picture, 'image');
      const { width, height, faces } = output;
      return { width, height, faces: [...faces], execution: executionOf(this.finder, execution) };
    });
  }
}
