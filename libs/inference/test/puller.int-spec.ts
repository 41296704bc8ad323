import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Puller, type PullerOptions, type PullRequest } from '../src/market/puller.js';
import type { PullProgress } from '../src/market/pace.js';
import { answering, cutAfter, etagOf, TestHub } from './hub.js';

const MODEL = Buffer.alloc(300_000, 'weights ');
const TOKENIZER = Buffer.from('{"version":"1.0"}');
const AT = '/owner/name/resolve/0123abc';

let hub: TestHub;
let folder: string;

beforeEach(async () => {
  hub = await new TestHub().listen();
  hub.files.set(`${AT}/onnx/model.onnx`, MODEL);
  hub.files.set(`${AT}/tokenizer.json`, TOKENIZER);
  folder = await mkdtemp(join(tmpdir(), 'trivium-pull-'));
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function manifest(overrides: Partial<ModelManifestInput> = {}): ModelManifest {
  return ModelManifest.parse({
    id: 'm',
    task: 'embed',
    licence: 'MIT',
    commercial_use: true,
    source: { kind: 'hub', repository: 'owner/name', revision: '0123abc' },
    files: {
      'model.fp32.onnx': { path: 'onnx/model.onnx', sha256: sha256(MODEL), bytes: MODEL.length },
      'tokenizer.json': { path: 'tokenizer.json' },
    },
    ...overrides,
  });
}

const onlyModel = (facts: { sha256?: string; bytes?: number } = {}) =>
  manifest({ files: { 'model.fp32.onnx': { path: 'onnx/model.onnx', ...facts } } });

function puller(overrides: Partial<PullerOptions> = {}, url = hub.url): Puller {
  return new Puller({
    hub: { url, stallTimeoutMs: 1_000 },
    maxBytes: 10_000_000,
    patience: { attempts: 4, firstDelayMs: 2 },
    ...overrides,
  });
}

const request = (overrides: Partial<PullRequest> = {}): PullRequest => ({
  manifest: manifest(),
  folder,
  allowNonCommercial: false,
  signal: new AbortController().signal,
  ...overrides,
});

const left = () => readdir(folder);

describe('a pull', () => {
  it('leaves verified files under their names, and says what they are', async () => {
    const files = await puller().pull(request());

    expect(files).toEqual({
      'model.fp32.onnx': { sha256: sha256(MODEL), bytes: MODEL.length },
      'tokenizer.json': { sha256: sha256(TOKENIZER), bytes: TOKENIZER.length },
    });
    expect((await left()).sort()).toEqual(['model.fp32.onnx', 'tokenizer.json']);
    expect(await readFile(join(folder, 'model.fp32.onnx'))).toEqual(MODEL);
  });

  it('tells how far it is, up to the end', async () => {
    const told: PullProgress[] = [];
    await puller().pull(request({ onProgress: (progress) => told.push(progress) }));
    const total = MODEL.length + TOKENIZER.length;

    expect(told.at(-1)).toMatchObject({ bytes: total, totalBytes: total, file: 'tokenizer.json' });
    expect(told.map(({ bytes }) => bytes)).toEqual(told.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
  });

  it('fetches again only what is not there', async () => {
    await puller().pull(request());
    hub.requests.length = 0;
    await puller().pull(request());

    expect(hub.gets().map(({ path }) => path)).toEqual([`${AT}/tokenizer.json`]);
  });

  it('ends when the one who asked leaves, and goes on with what there is when he comes back', async () => {
    const leave = new AbortController();
    hub.interferences.push((_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length, etag: '"kept"' });
      response.write(file.subarray(0, 100_000));
      return true;
    });
    const pulling = puller().pull(
      request({
        manifest: onlyModel(),
        signal: leave.signal,
        onProgress: ({ bytes }) => bytes === 100_000 && leave.abort(new Error('gone')),
      }),
    );

    await expect(pulling).rejects.toThrow('gone');
    hub.interferences.push((incoming, response, file) => {
      expect(incoming.headers['if-range']).toBe('"kept"');
      const from = 100_000;
      response.writeHead(206, { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` });
      response.end(file.subarray(from));
      return true;
    });
    const files = await puller().pull(request({ manifest: onlyModel() }));
    expect(files['model.fp32.onnx']?.sha256).toBe(sha256(MODEL));
    expect(hub.gets().map(({ range }) => range)).toEqual([undefined, 'bytes=100000-']);
  });
});

describe('a dropped connection', () => {
  it('is taken up where it broke', async () => {
    let cut: (() => void) | undefined;
    hub.interferences.push((_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length, etag: etagOf(file) });
      response.write(file.subarray(0, 120_000));
      cut = () => response.destroy();
      return true;
    });
    const files = await puller().pull(
      request({ manifest: onlyModel(), onProgress: ({ bytes }) => bytes === 120_000 && cut?.() }),
    );

    expect(files['model.fp32.onnx']?.sha256).toBe(sha256(MODEL));
    expect(hub.gets().map(({ range }) => range)).toEqual([undefined, 'bytes=120000-']);
  });

  it('begins anew at a hub that knows no ranges', async () => {
    hub.ranges = false;
    hub.interferences.push(cutAfter(120_000));
    const files = await puller().pull(request({ manifest: onlyModel() }));

    expect(files['model.fp32.onnx']).toEqual({ sha256: sha256(MODEL), bytes: MODEL.length });
  });

  it('begins anew at a hub without ETags, which cannot vouch for the rest', async () => {
    hub.etags = false;
    hub.interferences.push((_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 1_000), () => response.socket?.end());
      return true;
    });
    await puller().pull(request({ manifest: onlyModel() }));

    expect(hub.gets().map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  it('is no end of it even for a file that changed in between', async () => {
    const changed = Buffer.alloc(200_000, 'other ');
    hub.interferences.push((...of) => {
      hub.files.set(`${AT}/onnx/model.onnx`, changed);
      return cutAfter(120_000)(...of);
    });
    const files = await puller().pull(request({ manifest: onlyModel() }));

    expect(files['model.fp32.onnx']).toEqual({ sha256: sha256(changed), bytes: changed.length });
  });

  it('that comes again and again is an error in the end', async () => {
    hub.interferences.push(...Array.from({ length: 4 }, () => cutAfter(10)));

    await expect(puller().pull(request({ manifest: onlyModel() }))).rejects.toThrow();
    expect(hub.gets()).toHaveLength(4);
  });

  it('of a hub that falls silent is noticed', async () => {
    hub.interferences.push((_request, response, file) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, 10));
      return true; // and nothing more
    });
    const silent = puller({ hub: { url: hub.url, stallTimeoutMs: 50 } });
    const files = await silent.pull(request({ manifest: onlyModel() }));

    expect(files['model.fp32.onnx']?.bytes).toBe(MODEL.length);
  });
});

describe('an answer that is no file', () => {
  it.each([[429], [500], [503]])('of status %i is waited out', async (status) => {
    hub.interferences.push(answering(status, { 'retry-after': '0' }), answering(status));
    await puller().pull(request({ manifest: onlyModel() }));

    expect(hub.gets()).toHaveLength(3);
  });

  it('that asks for more patience than there is ends the pull', async () => {
    hub.interferences.push(answering(429, { 'retry-after': '86400' }));

    await expect(puller().pull(request({ manifest: onlyModel() }))).rejects.toMatchObject({
      code: 'upstream_error',
      retryAfterMs: 86_400_000,
    });
    expect(hub.gets()).toHaveLength(1);
  });

  it.each([
    [401, 'permission_denied'],
    [403, 'permission_denied'],
    [404, 'not_found'],
    [400, 'upstream_error'],
  ])('of status %i is final: %s, and names the file', async (status, code) => {
    hub.interferences.push(answering(status));

    await expect(puller().pull(request({ manifest: onlyModel() }))).rejects.toMatchObject({
      code,
      message: expect.stringContaining('owner/name/resolve/0123abc/onnx/model.onnx') as string,
    });
    expect(hub.gets()).toHaveLength(1);
  });
});

describe('a file that is not what was promised', () => {
  it.each([
    ['has another checksum', { sha256: 'f'.repeat(64) }, 'SHA-256'],
    ['is announced with another length', { bytes: 5 }, 'where the manifest says 5'],
  ])('because it %s is refused and removed', async (_what, facts, message) => {
    await expect(puller().pull(request({ manifest: onlyModel(facts) }))).rejects.toMatchObject({
      code: 'upstream_error',
      retryable: false,
      param: 'manifest.files["model.fp32.onnx"]',
      message: expect.stringContaining(message) as string,
    });
    expect(await left()).toEqual([]);
  });

  it('because it has another length without having said so is refused and removed', async () => {
    hub.interferences.push((_request, response, file) => {
      response.write(file.subarray(0, 3)); // in chunks: no length
      response.end(file.subarray(3, 7));
      return true;
    });

    await expect(puller().pull(request({ manifest: onlyModel({ bytes: MODEL.length }) }))).rejects.toThrow(
      'sent 7 bytes where the manifest says 300000',
    );
    expect(await left()).toEqual([]);
  });

  it('because it never ends is cut at the limit', async () => {
    hub.interferences.push((_request, response, file) => {
      response.write(file);
      response.end(file);
      return true;
    });

    await expect(puller({ maxBytes: 400_000 }).pull(request({ manifest: onlyModel() }))).rejects.toThrow(
      'more than the 400000 bytes',
    );
    expect(await left()).toEqual([]);
  });

  it('because an earlier process left something else is fetched whole', async () => {
    await writeFile(join(folder, 'model.fp32.onnx.part'), 'rubbish');
    const origin = {
      url: `${hub.url}${AT}/onnx/model.onnx`,
      etag: etagOf(MODEL),
    };
    await writeFile(join(folder, 'model.fp32.onnx.origin'), JSON.stringify(origin));
    await puller().pull(request({ manifest: onlyModel({ sha256: sha256(MODEL) }) }));

    expect(hub.gets().map(({ range }) => range)).toEqual(['bytes=7-', undefined]);
    expect(await readFile(join(folder, 'model.fp32.onnx'))).toEqual(MODEL);
  });

  it('as the hub itself vouches for it is refused, when the manifest knows no checksum', async () => {
    hub.redirect = (path) => (path.startsWith(AT) ? `${path.replace(AT, '/cdn')}` : undefined);
    hub.files.set('/cdn/onnx/model.onnx', MODEL);
    hub.linked = { sha256: 'e'.repeat(64), bytes: MODEL.length };

    await expect(puller().pull(request({ manifest: onlyModel() }))).rejects.toThrow('SHA-256');
  });
});

describe('a redirect', () => {
  it('is followed to https, where the key is not shown', async () => {
    const [key, cert] = await Promise.all(
      ['key', 'cert'].map((name) =>
        readFile(new URL(`certificate/localhost.test-${name}.pem`, import.meta.url), 'utf8'),
      ),
    );
    await using storage = await new TestHub({ key: key ?? '', cert: cert ?? '' }).listen();
    storage.files.set('/signed', MODEL);
    hub.redirect = (path) => (path.endsWith('model.onnx') ? `${storage.url}/signed?signature=x` : undefined);
    const dispatcher = new Agent({ connect: { ca: cert ?? '', checkServerIdentity: () => undefined } });
    const files = await puller({ hub: { url: hub.url, token: 'hf_secret', dispatcher } }).pull(
      request({ manifest: onlyModel() }),
    );
    await dispatcher.close();

    expect(files['model.fp32.onnx']?.bytes).toBe(MODEL.length);
    expect(new Set(hub.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer hf_secret']),
    );
    expect(storage.gets().map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('to another origin without https is not followed', async () => {
    await using elsewhere = await new TestHub().listen();
    elsewhere.files.set('/model', MODEL);
    hub.redirect = () => `${elsewhere.url}/model`;

    await expect(puller().pull(request({ manifest: onlyModel() }))).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('not https') as string,
    });
    expect(elsewhere.requests).toEqual([]);
  });

  it('in a circle ends', async () => {
    hub.redirect = (path) => path;

    await expect(puller().pull(request({ manifest: onlyModel() }))).rejects.toThrow('more than 5 times');
  });
});

describe('nothing is fetched', () => {
  afterEach(() => {
    expect(hub.gets()).toEqual([]);
  });

  it('of which the licence was not accepted', async () => {
    const weights = { licence: 'insightface-non-commercial', commercial_use: false };

    await expect(puller().pull(request({ manifest: manifest(weights) }))).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('insightface-non-commercial') as string,
    });
  });

  it('that is larger than allowed, also when only the hub knows how large it is', async () => {
    await expect(
      puller({ maxBytes: 100_000 }).pull(request({ manifest: onlyModel() })),
    ).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });

  it('for which the disk has no room', async () => {
    const full = puller({ freeBytes: async () => 256 * 1024 * 1024 + 1_000 });

    await expect(full.pull(request())).rejects.toMatchObject({
      code: 'conflict',
      details: { free: 268_436_456 },
    });
  });
});
