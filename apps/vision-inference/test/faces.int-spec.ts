import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReplyOf, RequestOf } from '@trivium/contracts';
import { compareFaces, findFaces } from '@trivium/contracts/faces';
import { listVisionModels } from '@trivium/contracts/vision-inference';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeArcFace } from './arcface-model.js';
import { picture } from './drawn-face.js';
import { type RunningVision, startVision } from './running-service.js';

/** What a request may take on a machine that has other things to do. */
const deadline = 60_000;

const PACK = fileURLToPath(new URL('../../../models/face-api/model.yaml', import.meta.url));

let nats: NatsProcess;
/** For services beside the one that most of the tests ask. */
let quiet: NatsProcess;
let folder: string;
let vision: RunningVision;

beforeAll(async () => {
  [nats, quiet] = await Promise.all([startNats(), startNats()]);
  folder = await mkdtemp(join(tmpdir(), 'trivium-faces-'));
  vision = await startVision(nats.url, { VISION_WORKERS: '1', MODELS_DIR: folder });
});

afterAll(async () => {
  await vision[Symbol.asyncDispose]();
  await Promise.all([nats.stop(), quiet.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const png = (bytes: Uint8Array, by = vision) => by.messaging.blobs.put(bytes, 'image/png');

async function find(bytes: Uint8Array): Promise<ReplyOf<typeof findFaces>> {
  return vision.messaging.call(findFaces, { image: await png(bytes) }, { deadline });
}

async function compare(
  first: Uint8Array,
  second: Uint8Array,
  options: Pick<RequestOf<typeof compareFaces>, 'threshold'> = {},
  by = vision,
): Promise<ReplyOf<typeof compareFaces>> {
  const [one, other] = await Promise.all([png(first, by), png(second, by)]);
  const request = { first: { image: one }, second: { image: other }, ...options };
  return by.messaging.call(compareFaces, request, { deadline });
}

const portrait = (seed: number): Promise<Buffer> =>
  picture(600, 600, [{ seed, left: 90, top: 20, size: 420 }]);

describe('vision-inference.find-faces.v1', () => {
  it('finds every face, the largest first, with its landmarks where they were drawn', async () => {
    const faces = [
      { seed: 1, left: 60, top: 120, size: 200 },
      { seed: 2, left: 420, top: 40, size: 320 },
    ];

    const reply = await find(await picture(900, 600, faces));

    expect(reply).toMatchObject({
      width: 900,
      height: 600,
      execution: { model: 'face-api', placement: 'cpu' },
    });
    expect(reply.faces).toHaveLength(2);
    for (const [index, { left, top, size }] of faces.toReversed().entries()) {
      const scale = size / 400;
      const landmarks = reply.faces[index]?.landmarks ?? [];
      const [leftEye, rightEye, nose, leftMouth, rightMouth] = landmarks.map(([x, y]) => [
        (x - left) / scale,
        (y - top) / scale,
      ]);
      // Drawn: eyes at 144 to 156 and 244 to 256 across, 218 down; the nose ends about 296, the mouth is at 340.
      const near = (x: number, y: number) => [expect.closeTo(x, -1.4), expect.closeTo(y, -1.4)];
      expect({ leftEye, rightEye, nose }).toEqual({
        leftEye: near(150, 218),
        rightEye: near(250, 218),
        nose: near(200, 290),
      });
      expect(leftMouth?.[0]).toBeLessThan(200);
      expect(rightMouth?.[0]).toBeGreaterThan(200);
    }
  });

  it('answers in the frame of the picture as it is seen, after its EXIF orientation', async () => {
    const upright = await portrait(3);
    const turned = await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).png().toBuffer();

    const [expected, found] = [await find(upright), await find(turned)];

    expect(found.faces).toEqual(expected.faces);
  });

  it('looks closer when the face is a small part of a large picture', async () => {
    const reply = await find(await picture(1600, 1200, [{ seed: 2, left: 1100, top: 700, size: 120 }]));

    expect(reply.faces).toHaveLength(1);
    const [nose] = reply.faces.map(({ landmarks }) => landmarks[2]);
    expect(nose).toEqual([expect.closeTo(1100 + 200 * 0.3, -1.2), expect.closeTo(700 + 290 * 0.3, -1.2)]);
  });

  it('finds nobody on blank paper', async () => {
    expect((await find(await picture(500, 300, []))).faces).toEqual([]);
  });

  it('answers one pixel', async () => {
    expect(await find(await picture(1, 1, []))).toMatchObject({ width: 1, height: 1, faces: [] });
  });

  it('refuses what is no picture, with the name of the field', async () => {
    const image = await png(Buffer.from('no picture'));

    await expect(vision.messaging.call(findFaces, { image })).rejects.toMatchObject({
      code: 'unsupported_media',
      param: 'image',
    });
  });
});

describe('vision-inference.compare-faces.v1', () => {
  it('calls a face the same when it is turned, smaller and darker', async () => {
    const again = await sharp(
      await picture(800, 700, [{ seed: 4, left: 320, top: 180, size: 300, turn: 15 }]),
    )
      .modulate({ brightness: 0.8 })
      .jpeg({ quality: 60 })
      .toBuffer();

    const { comparison, first, second, execution } = await compare(await portrait(4), again);

    expect(first).not.toBeNull();
    expect(second).not.toBeNull();
    expect(execution).toHaveLength(4);
    expect(comparison).toMatchObject({ same: true, threshold: 0.6 });
    expect(comparison?.distance).toBeLessThan(0.4);
  });

  it('says what its rate rests on and which file made the numbers', async () => {
    const { comparison } = await compare(await portrait(4), await portrait(4));

    expect(comparison?.distance).toBeLessThan(1e-3);
    expect(comparison?.falseAcceptRate).toBeCloseTo(0.0123, 4);
    expect(comparison?.calibration).toContain('Not measured on these 8-bit weights');
    const files = await readdir(join(folder, '.derived'));
    expect(files).toContain(`face-descriptor.${comparison?.model.sha256}.onnx`);
  });

  it('tells faces apart by the threshold that the caller names', async () => {
    const pair = [await portrait(1), await portrait(6)] as const;
    const { comparison } = await compare(...pair);
    const distance = comparison?.distance ?? 0;

    const { comparison: strict } = await compare(...pair, { threshold: distance * 0.99 });
    const { comparison: lax } = await compare(...pair, { threshold: 1.2 });

    expect(distance).toBeGreaterThan(0.1);
    expect(strict?.same).toBe(false);
    expect(lax).toMatchObject({ same: true, falseAcceptRate: null });
  });

  it('compares nothing without a face in both', async () => {
    const reply = await compare(await portrait(2), await picture(400, 400, []));

    expect(reply).toMatchObject({ second: null, comparison: null });
    expect(reply.first).not.toBeNull();
  });

  it('names the picture that cannot be read', async () => {
    await expect(compare(await portrait(2), Buffer.from('no picture'))).rejects.toMatchObject({
      code: 'unsupported_media',
      param: 'second',
    });
  });

  it('answers requests side by side, each with its own faces, and lets faces share a run', async () => {
    const [one, other] = await Promise.all([1, 2].map(portrait));
    if (one === undefined || other === undefined) throw new Error('Two portraits were drawn');

    const [same, different] = await Promise.all([compare(one, one), compare(other, one)]);

    expect(same.comparison?.distance).toBeLessThan(1e-3);
    expect(different.comparison?.distance).toBeGreaterThan(0.1);
    const sizes = [same, different].flatMap(({ execution }) =>
      execution.slice(2).map((step) => step.batchSize),
    );
    expect(Math.max(...sizes)).toBeGreaterThan(1);
  });

  it('ends with its caller', async () => {
    const leaving = new AbortController();
    const image = await png(await portrait(1));
    const answer = vision.messaging.call(
      compareFaces,
      { first: { image }, second: { image } },
      { deadline, signal: leaving.signal },
    );
    leaving.abort();

    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('face models of the service', () => {
  it('are listed', async () => {
    const { models } = await vision.messaging.call(listVisionModels, {});

    expect(models).toContainEqual(
      expect.objectContaining({ id: 'face-api', task: 'embed-face', ready: true, dimensions: 128 }),
    );
  });

  it('are not available when their pack is missing, and readiness names them', async () => {
    const env = { VISION_WORKERS: '1', MODELS_DIR: folder, VISION_MODELS_DIR: join(folder, 'none') };
    await using missing = await startVision(quiet.url, env, false);

    const ready = await fetch(`${missing.opsUrl}/health/ready`);

    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('face-api');
    await expect(compare(await portrait(1), await portrait(1), {}, missing)).rejects.toMatchObject({
      code: 'model_not_available',
    });
  });
});

describe('a face model of the repository', () => {
  let models: string;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    models = await mkdtemp(join(tmpdir(), 'trivium-face-models-'));
    await writeArcFace(models, 'arc');
    // Without the pack that reads text, which would only take its time to load.
    await mkdir(join(models, '.packs', 'face-api'), { recursive: true });
    await copyFile(PACK, join(models, '.packs', 'face-api', 'model.yaml'));
    env = {
      MODELS_DIR: models,
      MODELS_CONTROL: 'none',
      MODELS_WORKERS: '1',
      VISION_MODELS_DIR: join(models, '.packs'),
      VISION_FACE_THRESHOLD: '0.7',
    };
  });

  afterAll(() => rm(models, { recursive: true, force: true }));

  it('compares by the angle of its embeddings, up to the threshold of the operator', async () => {
    await using own = await startVision(quiet.url, { ...env, VISION_FACE_MODEL: 'arc' }, false);

    const { comparison } = await compare(await portrait(1), await portrait(1), {}, own);

    expect(comparison).toMatchObject({
      same: true,
      threshold: 0.7,
      falseAcceptRate: null,
      model: { id: 'arc' },
    });
    expect(comparison?.distance).toBeLessThan(1e-3);
    expect(comparison?.model.sha256).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('must be installed', async () => {
    await using other = await startVision(quiet.url, { ...env, VISION_FACE_MODEL: 'none-such' }, false);

    await expect(compare(await portrait(1), await portrait(1), {}, other)).rejects.toMatchObject({
      code: 'model_not_available',
      message: expect.stringContaining('VISION_FACE_MODEL') as string,
    });
  });
});
