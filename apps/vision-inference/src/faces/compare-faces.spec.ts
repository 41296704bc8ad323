import { DomainError } from '@trivium/contracts';
import type { Binary } from '@trivium/contracts/content';
import type { Face } from '@trivium/contracts/faces';
import type { CallContext } from '@trivium/messaging';
import { Admission, type RunOptions } from '@trivium/serving';
import { describe, expect, it } from 'vitest';
import type { FaceRequestEvent } from '../events.js';
import { CompareFaces } from './compare-faces.js';
import type { FaceDescriber } from './face-describer.js';
import type { FaceFinder, PictureOfFaces } from './face-finder.js';
import { FaceRequests } from './face-requests.js';
import { DLIB_CALIBRATION, euclideanDistance } from './sameness.js';

const WORK = {
  queueMs: 1,
  computeMs: 2,
  batchSize: 1,
  batchCost: 1,
  batchMates: 1,
  releaseReason: 'idle',
  instance: 'cpu',
  placement: 'cpu',
} as const;
const EXECUTION = {
  model: 'fake',
  variant: 'fp32',
  placement: 'cpu',
  queueMs: 1,
  computeMs: 2,
  batchSize: 1,
} as const;
const FACE: Face = {
  quadrilateral: [
    [0, 0],
    [9, 0],
    [9, 9],
    [0, 9],
  ],
  confidence: 0.9,
  landmarks: [
    [2, 3],
    [7, 3],
    [5, 5],
    [3, 7],
    [6, 7],
  ],
};
const CONTEXT: CallContext = {
  tenant: 'somebody',
  requestId: 'request-1',
  priority: 'batch',
  signal: new AbortController().signal,
  remaining: () => 5_000,
};
const NOBODY = 0;

/** A picture of one byte: whose face is on it. */
const pictureOf = (person: number): { image: Binary } => ({
  image: { kind: 'inline', mediaType: 'image/png', bytes: Uint8Array.of(person) },
});

function house({ permits = 8, digests = ['a'] } = {}) {
  const asked: (PictureOfFaces & RunOptions)[] = [];
  const events: FaceRequestEvent[] = [];
  const finder: FaceFinder = {
    modelId: 'fake',
    variant: 'fp32',
    placement: 'cpu',
    ready: true,
    startFailure: undefined,
    memoryBytes: 0,
    descriptorSha256: '',
    estimatedWaitMs: () => 0,
    start: async () => undefined,
    find: async (picture, options) => {
      asked.push({ ...picture, ...options });
      const isNobody = picture.image[0] === NOBODY;
      const faces = isNobody ? [] : [FACE];
      const chip = isNobody ? undefined : picture.image;
      return { output: { kind: 'find', width: 10, height: 10, faces, chip }, execution: WORK };
    },
    describe: () => Promise.reject(new Error('The describer does it')),
    [Symbol.asyncDispose]: async () => undefined,
  };
  let described = 0;
  const describer: FaceDescriber = {
    template: 'dlib',
    calibration: DLIB_CALIBRATION,
    distance: euclideanDistance,
    describe: async (chip) => ({
      values: Float32Array.from(chip),
      model: { id: 'fake', sha256: digests[described++ % digests.length] ?? '' },
      execution: EXECUTION,
    }),
  };
  const requests = new FaceRequests({
    finder,
    blobs: { get: async (binary) => (binary.kind === 'inline' ? binary.bytes : new Uint8Array()) },
    admission: new Admission('Work on faces', permits, () => 100),
    maxImageBytes: 100,
    onRequest: (event) => events.push(event),
  });
  return { compare: new CompareFaces(requests, finder, describer), asked, events };
}

describe('CompareFaces', () => {
  it('compares the faces of two pictures, in the name of the caller', async () => {
    const { compare, asked, events } = house();

    const reply = await compare.execute({ first: pictureOf(1), second: pictureOf(2) }, CONTEXT);

    expect(reply).toMatchObject({
      first: FACE,
      second: FACE,
      comparison: { distance: 1, same: false, threshold: 0.6, model: { id: 'fake', sha256: 'a' } },
    });
    expect(reply.execution).toHaveLength(4);
    expect(asked.map(({ path }) => path)).toEqual(['first', 'second']);
    for (const options of asked) {
      expect(options).toMatchObject({ tenant: 'somebody', priority: 'batch', chip: 'dlib' });
    }
    expect(events).toEqual([
      {
        operation: 'compare-faces',
        model: 'fake',
        requestId: 'request-1',
        durationMs: expect.any(Number) as number,
        failure: undefined,
      },
    ]);
  });

  it('describes nobody when one of the pictures has no face', async () => {
    const { compare } = house();

    const reply = await compare.execute({ first: pictureOf(NOBODY), second: pictureOf(2) }, CONTEXT);

    expect(reply).toMatchObject({ first: null, second: FACE, comparison: null });
    expect(reply.execution).toHaveLength(2);
  });

  it('does not compare what two versions of a model said', async () => {
    const { compare, events } = house({ digests: ['a', 'b'] });

    const answer = compare.execute({ first: pictureOf(1), second: pictureOf(1) }, CONTEXT);

    await expect(answer).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(events.map(({ failure }) => failure)).toEqual(['unavailable']);
  });

  it('refuses at once when there is no room', async () => {
    const { compare } = house({ permits: 1 });
    const request = { first: pictureOf(1), second: pictureOf(1) };

    const [first, second] = await Promise.allSettled([
      compare.execute(request, CONTEXT),
      compare.execute(request, CONTEXT),
    ]);

    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'overloaded' } });
    expect(DomainError.is((second as PromiseRejectedResult).reason)).toBe(true);
  });
});
