import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PART_BYTES } from '../src/uploads/upload-parts.js';
import { UPLOAD_TTL_MS, Uploads, type UploadsOptions } from '../src/uploads/uploads.js';
import { manifestOf, rejection, sha256Of, startRegistry, type TestReplica, until } from './registry-kit.js';

let nats: NatsProcess;
let one: TestReplica;
let two: TestReplica;
let model = '';
let count = 0;

beforeAll(async () => {
  nats = await startNats();
  one = await startRegistry(nats.url);
  two = await startRegistry(nats.url);
});
afterAll(async () => {
  await one?.[Symbol.asyncDispose]();
  await two?.[Symbol.asyncDispose]();
  await nats?.stop();
});
beforeEach(async () => {
  model = `model-${(count += 1)}`;
  await one.registry.putModel(manifestOf(model));
  await until(() => two.registry.models().has(model));
});

function uploadsOf(replica: TestReplica, options: Partial<UploadsOptions> = {}): Uploads {
  return new Uploads({
    records: replica.messaging.records('uploads', { ttlMs: UPLOAD_TTL_MS }),
    parts: replica.messaging.objects('upload-parts', { ttlMs: UPLOAD_TTL_MS, maxBytes: 256 * 1024 * 1024 }),
    registry: replica.registry,
    folder: replica.folder,
    maxBytes: 64 * 1024 * 1024,
    tryLoad: async () => undefined,
    ...options,
  });
}

const filesOf = (contents: Record<string, Uint8Array>) =>
  Object.fromEntries(
    Object.entries(contents).map(([path, bytes]) => [path, { sha256: sha256Of(bytes), bytes: bytes.length }]),
  );
const partOf = (bytes: Uint8Array, index: number): Uint8Array =>
  bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);

describe('an upload', () => {
  it('sent to two replicas in any order is served by both', async () => {
    const weights = randomBytes(2 * PART_BYTES + 17);
    const labels = Buffer.from('cat\ndog');
    const files = filesOf({ 'model.onnx': weights, 'labels/en.txt': labels });
    const [first, second] = [uploadsOf(one), uploadsOf(two)];
    const { uploadId, version, partBytes } = await first.open({ model, files });
    expect(partBytes).toBe(PART_BYTES);

    await Promise.all([
      first.putPart({ uploadId, path: 'model.onnx', index: 2, data: partOf(weights, 2) }),
      second.putPart({ uploadId, path: 'model.onnx', index: 0, data: partOf(weights, 0) }),
      second.putPart({ uploadId, path: 'labels/en.txt', index: 0, data: labels }),
    ]);
    expect((await first.get(uploadId)).received).toEqual({ 'model.onnx': [0, 2], 'labels/en.txt': [0] });
    const last = await first.putPart({ uploadId, path: 'model.onnx', index: 1, data: partOf(weights, 1) });
    expect(last).toEqual({ received: 4, expected: 4 });
    expect(await second.complete(uploadId)).toEqual({ model, version });

    for (const { registry } of [one, two]) {
      await until(() => registry.models().get(model)?.versions[version] !== undefined);
      const folder = await registry.materialise(model, version);
      expect(Buffer.compare(await readFile(join(folder, 'model.onnx')), weights)).toBe(0);
      expect(await readFile(join(folder, 'labels/en.txt'), 'utf8')).toBe('cat\ndog');
    }
    expect(await rejection(first.get(uploadId))).toMatchObject({ code: 'not_found' });
    expect(await one.messaging.objects('upload-parts').list()).toEqual([]);
    expect(await readdir(join(two.folder, '.incoming'))).toEqual([]);
  });

  it('takes the same part twice, at once too, and refuses other bytes in its place', async () => {
    const bytes = randomBytes(100);
    const uploads = uploadsOf(one);
    const { uploadId } = await uploads.open({ model, files: filesOf({ 'model.onnx': bytes }) });
    const part = { uploadId, path: 'model.onnx', index: 0 };

    await Promise.all([
      uploads.putPart({ ...part, data: bytes }),
      uploadsOf(two).putPart({ ...part, data: bytes }),
    ]);
    expect(await uploads.putPart({ ...part, data: bytes })).toEqual({ received: 1, expected: 1 });

    expect(await rejection(uploads.putPart({ ...part, data: randomBytes(100) }))).toMatchObject({
      code: 'conflict',
      retryable: false,
    });
    expect(await uploads.complete(uploadId)).toMatchObject({ model });
  });

  it('of two writers of one part with different bytes keeps one whole', async () => {
    const [left, right] = [randomBytes(1_000), randomBytes(1_000)];
    const uploads = uploadsOf(one);
    const { uploadId } = await uploads.open({ model, files: filesOf({ 'model.onnx': left }) });
    const part = { uploadId, path: 'model.onnx', index: 0 };

    const outcomes = await Promise.allSettled([
      uploads.putPart({ ...part, data: right }),
      uploadsOf(two).putPart({ ...part, data: left }),
    ]);

    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    if (outcomes[1].status === 'fulfilled') expect(await uploads.complete(uploadId)).toMatchObject({ model });
    else
      expect(await rejection(uploads.complete(uploadId))).toMatchObject({ param: 'files.model.onnx.sha256' });
  });

  it('whose replica died between parts goes on at another', async () => {
    const weights = randomBytes(PART_BYTES + 1);
    const dying = await startRegistry(nats.url);
    await until(() => dying.registry.models().has(model));
    const uploads = uploadsOf(dying);
    const { uploadId } = await uploads.open({ model, files: filesOf({ 'model.onnx': weights }) });
    await uploads.putPart({ uploadId, path: 'model.onnx', index: 0, data: partOf(weights, 0) });
    await dying[Symbol.asyncDispose]();

    const heir = uploadsOf(two);
    expect((await heir.get(uploadId)).received).toEqual({ 'model.onnx': [0] });
    await heir.putPart({ uploadId, path: 'model.onnx', index: 1, data: partOf(weights, 1) });

    expect(await heir.complete(uploadId)).toMatchObject({ model, version: '1' });
  });

  it('that was cut off says which parts are missing, and can be completed after', async () => {
    const weights = randomBytes(2 * PART_BYTES);
    const uploads = uploadsOf(one);
    const { uploadId } = await uploads.open({ model, files: filesOf({ 'model.onnx': weights }) });
    await uploads.putPart({ uploadId, path: 'model.onnx', index: 0, data: partOf(weights, 0) });

    const short = await rejection(
      uploads.putPart({ uploadId, path: 'model.onnx', index: 1, data: new Uint8Array(5) }),
    );
    const early = await rejection(uploads.complete(uploadId));

    expect(short).toMatchObject({
      code: 'invalid_request',
      param: 'data',
      message: `data: part 1 of model.onnx has ${PART_BYTES} bytes; 5 came.`,
    });
    expect(early).toMatchObject({
      code: 'invalid_request',
      message: 'The upload is not complete. Missing: model.onnx: parts 1.',
      details: { missing: { 'model.onnx': [1] } },
    });
    await uploads.putPart({ uploadId, path: 'model.onnx', index: 1, data: partOf(weights, 1) });
    expect(await uploads.complete(uploadId)).toMatchObject({ version: '1' });
  });

  it('with another checksum than promised changes nothing', async () => {
    const uploads = uploadsOf(one);
    const promised = { 'model.onnx': { sha256: '0'.repeat(64), bytes: 10 } };
    const { uploadId } = await uploads.open({ model, files: promised });
    await uploads.putPart({ uploadId, path: 'model.onnx', index: 0, data: randomBytes(10) });

    expect(await rejection(uploads.complete(uploadId))).toMatchObject({
      code: 'invalid_request',
      param: 'files.model.onnx.sha256',
    });
    expect(one.registry.models().get(model)?.versions).toEqual({});
  });

  it('of a version that does not load changes nothing, and the old one serves on', async () => {
    const good = randomBytes(10);
    const bad = randomBytes(10);
    const uploads = uploadsOf(one, {
      tryLoad: async (folder) => {
        if (Buffer.compare(await readFile(join(folder, 'model.onnx')), bad) === 0) throw new Error('no ONNX');
      },
    });
    const send = async (bytes: Uint8Array) => {
      const { uploadId } = await uploads.open({ model, files: filesOf({ 'model.onnx': bytes }) });
      await uploads.putPart({ uploadId, path: 'model.onnx', index: 0, data: bytes });
      return uploads.complete(uploadId);
    };
    await send(good);

    expect(await rejection(send(bad))).toMatchObject({ code: 'model_not_available', param: 'files' });
    expect(Object.keys(one.registry.models().get(model)?.versions ?? {})).toEqual(['1']);
    expect(await readFile(join(await one.registry.materialise(model, '1'), 'model.onnx'))).toEqual(good);
  });

  it('completed twice at once is published once', async () => {
    const bytes = randomBytes(10);
    const { uploadId } = await uploadsOf(one).open({ model, files: filesOf({ 'model.onnx': bytes }) });
    await uploadsOf(one).putPart({ uploadId, path: 'model.onnx', index: 0, data: bytes });
    const bothTried = Promise.withResolvers<void>();
    let tried = 0;
    const tryLoad = async (): Promise<void> => {
      if ((tried += 1) === 2) bothTried.resolve();
      await bothTried.promise;
    };

    const outcomes = await Promise.allSettled([
      uploadsOf(one, { tryLoad }).complete(uploadId),
      uploadsOf(two, { tryLoad }).complete(uploadId),
    ]);

    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toMatchObject({ code: 'conflict' });
    await until(() => one.registry.models().get(model)?.versions['1'] !== undefined);
  });

  it('and another of the same model, neither naming a version, both survive', async () => {
    const send = async (replica: TestReplica) => {
      const bytes = randomBytes(10);
      const uploads = uploadsOf(replica);
      const { uploadId } = await uploads.open({ model, files: filesOf({ 'model.onnx': bytes }) });
      await uploads.putPart({ uploadId, path: 'model.onnx', index: 0, data: bytes });
      return uploads.complete(uploadId);
    };

    const published = await Promise.all([send(one), send(two), send(one)]);

    expect(published.map(({ version }) => version).toSorted()).toEqual(['1', '2', '3']);
    await until(() => Object.keys(two.registry.models().get(model)?.versions ?? {}).length === 3);
  });

  it('that is cancelled is gone, with its parts', async () => {
    const bytes = randomBytes(10);
    const uploads = uploadsOf(one);
    const { uploadId } = await uploads.open({ model, files: filesOf({ 'model.onnx': bytes }) });
    await uploads.putPart({ uploadId, path: 'model.onnx', index: 0, data: bytes });

    expect(await uploadsOf(two).cancel(uploadId)).toBe(true);

    expect(await uploads.cancel(uploadId)).toBe(false);
    expect(await rejection(uploads.complete(uploadId))).toMatchObject({
      code: 'not_found',
      param: 'uploadId',
    });
    const names = (await one.messaging.objects('upload-parts').list()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith(uploadId))).toEqual([]);
  });

  it('is refused for what it asks: size, model, version, paths, ids', async () => {
    const uploads = uploadsOf(one, { maxBytes: 100 });
    const sha256 = '0'.repeat(64);
    const refusal = async (request: Parameters<Uploads['open']>[0]) => {
      const error = await rejection(uploads.open(request));
      return DomainError.is(error) ? error.code : String(error);
    };

    expect(await refusal({ model, files: { a: { sha256, bytes: 101 } } })).toBe('payload_too_large');
    expect(await refusal({ model, files: {} })).toBe('invalid_request');
    expect(await refusal({ model: 'nobody', files: { a: { sha256, bytes: 1 } } })).toBe('model_not_found');
    expect(await refusal({ model, files: { '../a': { sha256, bytes: 1 } } })).toBe('invalid_request');
    expect(await refusal({ model, files: { a: { sha256, bytes: 1 }, 'a/b': { sha256, bytes: 1 } } })).toBe(
      'invalid_request',
    );
    expect(await rejection(uploads.get('../uploads'))).toMatchObject({ code: 'not_found' });
  });
});
