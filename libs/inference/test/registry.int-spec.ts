import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  manifestOf,
  rejection,
  sha256Of,
  startRegistry,
  type TestReplica,
  until,
  write,
} from './registry-kit.js';

let nats: NatsProcess;
let stack = new AsyncDisposableStack();
let scratch: string;

beforeAll(async () => {
  nats = await startNats();
  scratch = await mkdtemp(join(tmpdir(), 'trivium-scratch-'));
});
afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});
afterAll(async () => {
  await nats?.stop();
  await rm(scratch, { recursive: true, force: true });
});

const start = async (options?: Parameters<typeof startRegistry>[1]): Promise<TestReplica> =>
  stack.use(await startRegistry(nats.url, options));

const fileOf = (bytes: Uint8Array): Promise<string> =>
  write(join(scratch, randomBytes(8).toString('hex')), bytes);

describe('two replicas', () => {
  it('see the same models; what one published the other has on its disk, verified', async () => {
    const one = await start();
    const two = await start();
    const weights = randomBytes(3_000_000);
    await one.registry.putModel(manifestOf('shared'));
    const version = await one.registry.publishVersion('shared', 'next', {
      'model.onnx': await fileOf(weights),
      'tokenizer/vocab.txt': await fileOf(Buffer.from('a\nb')),
    });
    await until(() => two.registry.models().get('shared')?.versions['1'] !== undefined);
    const shares: number[] = [];

    const folder = await two.registry.materialise('shared', version, {
      progress: (share) => shares.push(share),
    });

    expect(folder).toBe(join(two.folder, 'shared', '1'));
    expect(Buffer.compare(await readFile(join(folder, 'model.onnx')), weights)).toBe(0);
    expect(await readFile(join(folder, 'tokenizer/vocab.txt'), 'utf8')).toBe('a\nb');
    expect(shares.at(-1)).toBe(1);
  });

  it('publish at the same moment and both versions survive', async () => {
    const one = await start();
    const two = await start();
    await one.registry.putModel(manifestOf('raced'));

    const numbers = await Promise.all(
      [one, two, one, two].map(async ({ registry }) =>
        registry.publishVersion('raced', 'next', { 'model.onnx': await fileOf(randomBytes(100)) }),
      ),
    );

    expect(numbers.toSorted()).toEqual(['1', '2', '3', '4']);
    await until(() => Object.keys(two.registry.models().get('raced')?.versions ?? {}).length === 4);
    const taken = one.registry.publishVersion('raced', '2', { 'model.onnx': await fileOf(randomBytes(9)) });
    expect(await rejection(taken)).toMatchObject({ code: 'conflict', retryable: false });
  });

  it('are told of labels, traffic and removal; a version takes with it what names it', async () => {
    const one = await start();
    const two = await start();
    await one.registry.putModel(manifestOf('told'));
    for (const _ of [1, 2]) {
      await one.registry.publishVersion('told', 'next', { 'model.onnx': await fileOf(randomBytes(10)) });
    }
    const changed: string[] = [];
    using _listener = two.registry.onChange((model) => changed.push(model));

    await one.registry.update('told', {
      labels: { stable: '1' },
      traffic: [{ version: '1', percent: 90 }],
      pinned: true,
    });
    await until(() => two.registry.models().get('told')?.pinned === true);
    expect(await one.registry.remove('told', '1')).toEqual(['1']);
    await until(() => two.registry.models().get('told')?.versions['1'] === undefined);

    expect(two.registry.models().get('told')).toMatchObject({ labels: {}, traffic: [], pinned: true });
    expect(await rejection(one.registry.update('told', { labels: { stable: '9' } }))).toMatchObject({
      code: 'invalid_request',
      param: 'labels.stable',
    });
    expect(await one.registry.remove('told')).toEqual(['2']);
    await until(() => !two.registry.models().has('told'));
    expect(changed).toContain('told');
  });

  it('that share a folder fetch the same version at the same time', async () => {
    const one = await start();
    const two = await start({ folder: one.folder });
    const weights = randomBytes(2_000_000);
    await one.registry.putModel(manifestOf('together'));
    await one.registry.publishVersion('together', '1', { 'model.onnx': await fileOf(weights) });
    await until(() => two.registry.models().has('together'));

    const folders = await Promise.all(
      [one, two, one, two].map(({ registry }) => registry.materialise('together', '1')),
    );

    expect(new Set(folders).size).toBe(1);
    expect(Buffer.compare(await readFile(join(one.folder, 'together/1/model.onnx')), weights)).toBe(0);
    expect(await readdir(join(one.folder, '.incoming'))).toEqual([]);
  });

  it('of different services keep to their own models', async () => {
    const text = await start();
    const vision = await start({ service: 'vision-inference' });
    await text.registry.putModel(manifestOf('words'));
    await text.registry.putModel(manifestOf('pictures', { task: 'read-text' }));
    await until(() => vision.registry.models().has('pictures'));

    expect(vision.registry.models().has('words')).toBe(false);
    expect(text.registry.models().has('pictures')).toBe(false);
  });
});

describe('a replica that was cut off from the broker', () => {
  it('serves what is on its disk meanwhile, and knows everything again after', async () => {
    await using own = await startNats();
    await using one = await startRegistry(own.url);
    await using two = await startRegistry(own.url);
    await one.registry.putModel(manifestOf('cut'));
    await one.registry.publishVersion('cut', '1', { 'model.onnx': await fileOf(randomBytes(1_000)) });
    await until(() => two.registry.models().has('cut'));
    await two.registry.materialise('cut', '1');

    await own.kill();
    await until(() => !one.messaging.isConnected() && !two.messaging.isConnected());
    expect(await two.registry.materialise('cut', '1')).toBe(join(two.folder, 'cut/1'));
    expect(await rejection(one.registry.update('cut', { pinned: true }))).toMatchObject({
      code: 'unavailable',
    });
    await own.restart();
    await until(() => one.messaging.isConnected());
    await one.registry.update('cut', { pinned: true });

    await until(() => two.registry.models().get('cut')?.pinned === true);
  });
});

describe('the local folder', () => {
  it('is mended when somebody changed a file, and kept when nothing is wrong', async () => {
    const one = await start();
    const weights = randomBytes(1_000);
    await one.registry.putModel(manifestOf('mended'));
    await one.registry.publishVersion('mended', '1', { 'model.onnx': await fileOf(weights) });
    const folder = await one.registry.materialise('mended', '1');
    await writeFile(join(folder, 'model.onnx'), randomBytes(1_000));

    await one.registry.materialise('mended', '1');

    expect(Buffer.compare(await readFile(join(folder, 'model.onnx')), weights)).toBe(0);
  });

  it('refuses links that lead out of it, as file, as folder and as version', async () => {
    const one = await start();
    await one.registry.putModel(manifestOf('linked'));
    const bytes = randomBytes(100);
    await one.registry.publishVersion('linked', '1', { 'inner/model.onnx': await fileOf(bytes) });
    const outside = await mkdtemp(join(scratch, 'outside-'));

    await mkdir(join(one.folder, 'linked'), { recursive: true });
    await symlink(outside, join(one.folder, 'linked/1'));
    expect(await rejection(one.registry.materialise('linked', '1'))).toMatchObject({
      code: 'invalid_request',
    });
    await rm(join(one.folder, 'linked/1'));

    await mkdir(join(one.folder, 'linked/1'), { recursive: true });
    await symlink(outside, join(one.folder, 'linked/1/inner'));
    expect(await rejection(one.registry.materialise('linked', '1'))).toMatchObject({
      code: 'invalid_request',
    });
    await rm(join(one.folder, 'linked/1/inner'));

    await write(join(outside, 'secret'), bytes);
    await mkdir(join(one.folder, 'linked/1/inner'), { recursive: true });
    await symlink(join(outside, 'secret'), join(one.folder, 'linked/1/inner/model.onnx'));
    expect(await rejection(one.registry.materialise('linked', '1'))).toMatchObject({
      code: 'invalid_request',
    });
    expect(await readdir(outside)).toEqual(['secret']);
  });

  it('stays below its bound: the version used least recently goes, one in use stays', async () => {
    const inUse = new Set(['full/1']);
    const one = await start({
      maxDiskBytes: 2_500,
      isInUse: (model, version) => inUse.has(`${model}/${version}`),
    });
    await one.registry.putModel(manifestOf('full'));
    for (const _ of [1, 2, 3]) {
      await one.registry.publishVersion('full', 'next', { 'model.onnx': await fileOf(randomBytes(1_000)) });
    }

    for (const version of ['1', '2', '3']) await one.registry.materialise('full', version);

    expect((await readdir(join(one.folder, 'full'))).toSorted()).toEqual(['1', '3']);
    inUse.add('full/3');
    expect(await rejection(one.registry.materialise('full', '2'))).toMatchObject({ code: 'overloaded' });
  });

  it('does not lose what another process uses', async () => {
    const one = await start({ maxDiskBytes: 1_500 });
    const two = await start({ folder: one.folder, maxDiskBytes: 1_500 });
    await one.registry.putModel(manifestOf('neighbour'));
    for (const _ of [1, 2]) {
      await one.registry.publishVersion('neighbour', 'next', {
        'model.onnx': await fileOf(randomBytes(1_000)),
      });
    }
    await until(() => two.registry.models().get('neighbour')?.versions['2'] !== undefined);
    await two.registry.materialise('neighbour', '1');

    expect(await rejection(one.registry.materialise('neighbour', '2'))).toMatchObject({ code: 'overloaded' });
    expect(await readdir(join(one.folder, 'neighbour/1'))).toContain('model.onnx');
  });
});

describe('files that no version names', () => {
  it('go when they are old enough, shared ones with their last version', async () => {
    await using own = await startNats();
    const { registry, messaging } = stack.use(await startRegistry(own.url, { graceMs: 0 }));
    const objects = messaging.objects('model-files');
    const same = await fileOf(randomBytes(500));
    await registry.putModel(manifestOf('garbage'));
    await registry.publishVersion('garbage', '1', { 'model.onnx': same });
    await registry.publishVersion('garbage', '2', {
      'model.onnx': same,
      'labels.txt': await fileOf(Buffer.from('x')),
    });
    expect(await objects.list()).toHaveLength(2);

    await registry.remove('garbage', '2');
    expect(await registry.collectGarbage()).toBe(1);
    await registry.remove('garbage');
    expect(await registry.collectGarbage()).toBe(1);

    expect(await objects.list()).toEqual([]);
    await stack.disposeAsync();
    stack = new AsyncDisposableStack();
  });
});

describe('a folder that is polled', () => {
  const yaml = (id: string, more = '') => `id: ${id}\ntask: tensors\nlicence: MIT\n${more}`;

  it('publishes what is put into it and withdraws what is taken out', async () => {
    const one = await start({ mode: 'poll', pollMs: 20 });
    const two = await start();
    await write(join(one.folder, 'polled/model.yaml'), yaml('polled'));
    await write(join(one.folder, 'polled/1/model.onnx'), randomBytes(1_000));
    await until(() => two.registry.models().get('polled')?.versions['1'] !== undefined);
    await two.registry.materialise('polled', '1');

    await write(join(one.folder, 'polled/model.yaml'), yaml('polled', 'description: changed\n'));
    await until(() => two.registry.models().get('polled')?.manifest.description === 'changed');
    await rm(join(one.folder, 'polled/1'), { recursive: true });
    await until(() => two.registry.models().get('polled')?.versions['1'] === undefined);
    await rm(join(one.folder, 'polled'), { recursive: true });
    await until(() => !two.registry.models().has('polled'));
    expect(one.troubles).toEqual([]);
  });

  it('keeps what served when the manifest breaks, a version does not load or a link leads out, and says so', async () => {
    const one = await start({
      mode: 'poll',
      pollMs: 20,
      tryLoad: async (folder) => {
        if ((await readFile(join(folder, 'model.onnx'), 'utf8')) === 'bad') throw new Error('does not load');
      },
    });
    await write(join(one.folder, 'broken/model.yaml'), yaml('broken'));
    await write(join(one.folder, 'broken/1/model.onnx'), 'good');
    await until(() => one.registry.models().get('broken')?.versions['1'] !== undefined);
    const before = one.registry.models().get('broken');

    await write(join(one.folder, 'broken/2/model.onnx'), 'bad');
    await until(() => one.troubles.length === 1);
    await mkdir(join(one.folder, 'broken/3'));
    await symlink('/etc/hostname', join(one.folder, 'broken/3/model.onnx'));
    await until(() => one.troubles.length === 2);
    await write(join(one.folder, 'broken/model.yaml'), 'id: broken\ntask: no-such-task\n');
    await until(() => one.troubles.length === 3);

    expect(one.troubles.map(({ error }) => String(error))).toEqual([
      expect.stringContaining('does not load'),
      expect.stringContaining('leads out'),
      expect.stringContaining('task'),
    ]);
    expect(one.registry.models().get('broken')).toEqual(before);
  });
});

describe('packs that come with the program', () => {
  const TENSORS = 'task: tensors\nlicence: MIT\n';

  /** A folder of packs; the list of each version names what is in it. */
  async function packs(
    models: Readonly<Record<string, { manifest: string; files?: Readonly<Record<string, Uint8Array>> }>>,
  ): Promise<string> {
    const folder = await mkdtemp(join(scratch, 'bundled-'));
    for (const [id, { manifest, files = {} }] of Object.entries(models)) {
      await write(join(folder, id, 'model.yaml'), `id: ${id}\n${manifest}`);
      for (const [path, bytes] of Object.entries(files)) await write(join(folder, id, '1', path), bytes);
      const lines = Object.entries(files).map(([path, bytes]) => `${sha256Of(bytes)}  ${path}\n`);
      if (lines.length > 0) await write(join(folder, id, '1/SHA256SUMS'), lines.join(''));
    }
    return folder;
  }

  it('are there for their service and cannot be changed', async () => {
    const files = { 'model.int8.onnx': randomBytes(10), '1_Pooling/config.json': Buffer.from('{}') };
    const bundled = await packs({
      pack: { manifest: TENSORS, files },
      seen: { manifest: 'task: read-text\nlicence: MIT\n', files },
      chat: { manifest: 'task: generate\nplatform: program\nlicence: MIT\n', files },
    });
    await write(join(bundled, 'pack/1/notes.txt'), 'not in the list');
    const one = await start({ bundled });

    expect([...one.registry.models().keys()]).toEqual(expect.arrayContaining(['pack', 'chat']));
    expect(one.registry.models().has('seen')).toBe(false);
    expect(one.registry.models().get('pack')).toMatchObject({
      bundled: true,
      lastVersion: 1,
      versions: { 1: { files: { 'model.int8.onnx': { bytes: 10 }, '1_Pooling/config.json': { bytes: 2 } } } },
    });
    expect(one.registry.models().get('pack')?.versions['1']?.files).not.toHaveProperty('notes.txt');
    for (const id of ['pack', 'chat']) {
      expect(await one.registry.materialise(id, '1')).toBe(join(bundled, id, '1'));
    }
    const published = { 'model.onnx': await fileOf(randomBytes(10)) };
    const changes = [
      () => one.registry.remove('pack'),
      () => one.registry.putModel(manifestOf('pack')),
      () => one.registry.update('pack', { pinned: true }),
      () => one.registry.publishVersion('pack', 'next', published),
    ];
    for (const change of changes) {
      expect(await rejection(change())).toMatchObject({ code: 'conflict', retryable: false });
    }
  });

  it('are served from a folder that cannot be written', async () => {
    const bundled = await packs({ fixed: { manifest: TENSORS, files: { 'model.onnx': randomBytes(10) } } });
    const places = ['fixed/1/model.onnx', 'fixed/1/SHA256SUMS', 'fixed/model.yaml', 'fixed/1', 'fixed', '.'];
    for (const place of places)
      await chmod(join(bundled, place), place.includes('.') && place !== '.' ? 0o444 : 0o555);
    const before = await readdir(bundled, { recursive: true });
    const one = await start({ bundled });

    expect(await one.registry.materialise('fixed', '1')).toBe(join(bundled, 'fixed/1'));
    expect(await readdir(bundled, { recursive: true })).toEqual(before);
    for (const place of places.toReversed()) await chmod(join(bundled, place), 0o755);
  });

  it('whose file was changed are not loaded, and the file is named', async () => {
    const files = { 'model.onnx': randomBytes(10), 'tokenizer.json': Buffer.from('{"a":1}') };
    const bundled = await packs({ pack: { manifest: TENSORS, files } });
    const one = await start({ bundled });
    await write(join(bundled, 'pack/1/tokenizer.json'), '{"a":2}');

    expect(await rejection(one.registry.materialise('pack', '1'))).toMatchObject({
      code: 'model_not_available',
      message: expect.stringContaining('tokenizer.json') as string,
      details: { file: 'tokenizer.json' },
    });
    await write(join(bundled, 'pack/1/tokenizer.json'), '{"a":1}');
    expect(await one.registry.materialise('pack', '1')).toBe(join(bundled, 'pack/1'));
  });

  it.each([
    ['no list', {}, 'SHA256SUMS is missing'],
    ['a line that is no checksum', { SHA256SUMS: 'abc  model.onnx\n' }, 'line 1'],
    ['a path that leads out', { SHA256SUMS: `${'0'.repeat(64)}  ../model.yaml\n` }, 'line 1'],
    ['a file that is not there', { SHA256SUMS: `${'0'.repeat(64)}  model.int8.onnx\n` }, 'model.int8.onnx'],
    ['an empty list', { SHA256SUMS: '\n' }, 'names no file'],
  ])('are left out and told with %s', async (_what, files, message) => {
    const bundled = await packs({ pack: { manifest: TENSORS } });
    await write(join(bundled, 'pack/1/model.onnx'), randomBytes(10));
    for (const [path, text] of Object.entries(files)) await write(join(bundled, 'pack/1', path), text);
    const one = await start({ bundled });

    expect(one.registry.models().has('pack')).toBe(false);
    expect(one.troubles).toMatchObject([
      { model: 'pack', error: { message: expect.stringContaining(message) as string } },
    ]);
  });

  it('are left out and told when they have no files at all and need some', async () => {
    const remote = 'instance_group: [{ kind: KIND_REMOTE, url: http://localhost:1, model: m }]\n';
    const bundled = await packs({
      empty: { manifest: TENSORS },
      elsewhere: { manifest: `${TENSORS}${remote}` },
    });
    const one = await start({ bundled });

    expect(one.registry.models().has('empty')).toBe(false);
    expect(one.registry.models().get('elsewhere')?.versions).toHaveProperty('1');
    expect(one.troubles).toMatchObject([{ model: 'empty' }]);
  });

  it('and everything else stay as they were at the start when the mode is none', async () => {
    const one = await start();
    await one.registry.putModel(manifestOf('early'));
    const folder = await mkdtemp(join(scratch, 'fixed-'));
    await write(join(folder, 'local/model.yaml'), 'id: local\ntask: tensors\nlicence: MIT\n');
    await write(join(folder, 'local/1/model.onnx'), randomBytes(10));
    await write(join(folder, 'broken/model.yaml'), 'id: [');
    const fixed = await start({ mode: 'none', folder });
    await one.registry.putModel(manifestOf('late'));

    expect(fixed.registry.models().has('early')).toBe(true);
    expect(fixed.registry.models().get('local')?.versions).toHaveProperty('1');
    expect(fixed.troubles).toMatchObject([{ model: 'broken' }]);
    expect(fixed.registry.models().has('late')).toBe(false);
    expect(await rejection(fixed.registry.putModel(manifestOf('x')))).toMatchObject({ code: 'conflict' });
  });
});
