import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addModel } from '@trivium/onnx/synthesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caller, engines, manifestOf, sum, valuesOf } from './engine-kit.js';
import { write } from './registry-kit.js';

const { replica } = engines();
let bundled: string;

beforeAll(async () => {
  bundled = await mkdtemp(join(tmpdir(), 'trivium-bundled-'));
  const { bytes } = addModel();
  const sums = `${createHash('sha256').update(bytes).digest('hex')}  model.int8.onnx\n`;
  const common = { variant_policy: { default: 'int8' as const }, preload: true };
  const manifests = [
    manifestOf('adds', addModel(), common),
    manifestOf('writes', addModel(), { ...common, task: 'generate', platform: 'program' }),
  ];
  for (const manifest of manifests) {
    const folder = join(bundled, manifest.id);
    // JSON is YAML
    await write(join(folder, 'model.yaml'), JSON.stringify(manifest));
    await write(join(folder, '1/model.int8.onnx'), bytes);
    await write(join(folder, '1/SHA256SUMS'), sums);
  }
});
afterAll(() => rm(bundled, { recursive: true, force: true }));

describe('a bundled model', () => {
  it('is loaded at the start, answers, is counted and can be unloaded', async () => {
    const { engine } = await replica({}, { bundled });
    const versionOf = () => engine.list('adds')[0]?.versions[0];
    expect(versionOf()).toMatchObject({ version: '1', state: 'READY' });
    expect(versionOf()?.memoryBytes).toBeGreaterThan(0);

    const answer = await engine.infer(sum('adds', 2), caller());
    expect(valuesOf(answer.outputs[0])).toEqual([3, 3, 3, 3]);
    expect(answer).toMatchObject({ version: '1', variant: 'int8' });
    await engine.unload({ model: 'adds' });
    expect(versionOf()).toMatchObject({ state: 'UNAVAILABLE', memoryBytes: 0 });
    expect(valuesOf((await engine.infer(sum('adds', 3), caller())).outputs[0])).toEqual([4, 4, 4, 4]);
  });

  it('takes part in the memory budget', async () => {
    const { engine } = await replica({ MODELS_MEMORY_MB: '1' }, { bundled });

    await expect(engine.infer(sum('adds', 2), caller())).rejects.toMatchObject({
      code: 'model_not_available',
    });
  });

  it('that a program runs has a version, files and a folder, and takes no tensors', async () => {
    const program = { ready: true, reason: '', memoryBytes: 7 };
    const programs = new Map([['writes', program]]);
    const { engine, registry } = await replica({}, { bundled, programs });

    const { version, files, manifest } = engine.versionOf('writes', undefined);
    expect({ version, task: manifest.task, files: Object.keys(files) }).toEqual({
      version: '1',
      task: 'generate',
      files: ['model.int8.onnx'],
    });
    expect(await registry.materialise('writes', version)).toBe(join(bundled, 'writes/1'));
    expect(engine.list('writes')[0]?.versions).toMatchObject([
      { state: 'READY', reason: '', memoryBytes: 7 },
    ]);
    await expect(engine.infer(sum('writes', 2), caller())).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'model',
    });
  });
});
