import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeFiles, readLocalModel } from './local-model.js';

const MANIFEST = 'id: tiny\ntask: embed\nlicence: MIT\n';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trivium-local-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function lay(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), path.endsWith('model.yaml') ? MANIFEST : 'weights');
  }
}

it('takes a folder that is one version', async () => {
  await lay('model.yaml', 'model.onnx', 'tokenizer/vocab.txt', '.cache');
  const model = await readLocalModel(folder, {});

  expect([...model.paths.keys()]).toEqual(['model.onnx', 'tokenizer/vocab.txt']);
  expect(model.version).toBeUndefined();
});

it('takes the newest of numbered versions, or the one it is told', async () => {
  await lay('model.yaml', '9/model.onnx', '10/model.onnx');

  expect((await readLocalModel(folder, {})).version).toBe('10');
  expect((await readLocalModel(folder, { at: '9' })).version).toBe('9');
  await expect(readLocalModel(folder, { at: '3' })).rejects.toThrow('it has 10, 9');
});

it('takes one file, with its manifest beside it or elsewhere', async () => {
  await lay('model.yaml', 'export.onnx', 'elsewhere/model.yaml');
  const beside = await readLocalModel(join(folder, 'export.onnx'), {});
  const told = await readLocalModel(join(folder, 'export.onnx'), {
    manifest: join(folder, 'elsewhere/model.yaml'),
  });

  expect([...beside.paths.keys()]).toEqual(['model.fp32.onnx']);
  expect(told.manifest.id).toBe('tiny');
});

it('knows sizes and checksums', async () => {
  await lay('model.yaml', 'model.onnx');
  const files = await describeFiles(await readLocalModel(folder, {}), new AbortController().signal);

  expect(files).toEqual({
    'model.onnx': { bytes: 7, sha256: '9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c' },
  });
});

it('says what is wrong with a manifest, field by field', async () => {
  await writeFile(join(folder, 'model.yaml'), 'id: tiny\ntask: dance\n');
  await writeFile(join(folder, 'model.onnx'), 'weights');

  await expect(readLocalModel(folder, {})).rejects.toThrow(/task: [\s\S]*licence: /);
});

it.each([
  ['a missing manifest', ['model.onnx'], '--manifest'],
  ['no files', ['model.yaml'], 'holds no files'],
  ['a name that no version may have', ['model.yaml', 'my model.onnx'], 'only letters'],
])('refuses %s', async (_what, paths, message) => {
  await lay(...paths);

  await expect(readLocalModel(folder, {})).rejects.toThrow(message);
});

it('follows no links', async () => {
  await lay('model.yaml', 'model.onnx');
  await symlink('/etc/passwd', join(folder, 'labels.txt'));

  await expect(readLocalModel(folder, {})).rejects.toThrow('no regular file');
});
