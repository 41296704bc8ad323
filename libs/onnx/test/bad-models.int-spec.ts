import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTensorModel, type TensorModel, type TensorTask } from '../dist/index.js';
import {
  addModel,
  externalDataModel,
  truncatedModel,
  unknownOperatorModel,
} from '../dist/synthesis/synthesis.js';

let folder: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'trivium-bad-models-'));
  stack.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => stack.disposeAsync());

interface Opening {
  readonly bytes: Uint8Array;
  readonly manifest?: Partial<ModelManifestInput>;
  readonly sha256?: string;
}

async function open({ bytes, manifest, sha256 }: Opening): Promise<TensorModel> {
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytes);
  return stack.use(
    openTensorModel({
      modelId: 'under-test',
      version: '1',
      variant: 'fp32',
      manifest: ModelManifest.parse({
        id: 'under-test',
        task: 'tensors',
        licence: 'Apache-2.0',
        max_batch_size: 8,
        ...manifest,
      }),
      file: { path, sha256: sha256 ?? createHash('sha256').update(bytes).digest('hex') },
      group: { kind: 'KIND_CPU', threads: 1, count: 1 },
      service: 'bad-models-test',
    }),
  );
}

const floats = (name: string): TensorTask['inputs'][number] => ({
  name,
  datatype: 'FP32',
  shape: [1, 4],
  data: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
});

async function answer(model: TensorModel, ...names: string[]): Promise<Float32Array> {
  const task = { inputs: names.map(floats) };
  const [result] = await model.doRun([{ task, trace: {} }], new AbortController().signal);
  return new Float32Array(Uint8Array.from(result?.outputs[0]?.data ?? []).buffer);
}

describe('a file that does not serve', () => {
  it.each([
    ['not ONNX', { bytes: Buffer.from('<!doctype html>') }, ''],
    ['cut off', { bytes: truncatedModel() }, ''],
    ['another one than was promised', { bytes: addModel().bytes, sha256: '0'.repeat(64) }, 'not the one'],
    ['of an operator that does not exist', { bytes: unknownOperatorModel().bytes }, 'Teleport'],
    ['of an operator from a library', { bytes: unknownOperatorModel('acme').bytes }, 'acme:Teleport'],
    ['with weights outside its folder', { bytes: externalDataModel('../bias.bin').bytes }, '../bias.bin'],
    ['with weights that are missing', { bytes: externalDataModel().bytes }, 'weights/bias.bin'],
  ] as [string, Opening, string][])(
    'is refused when it is %s, and nothing else stops',
    async (_, opening, words) => {
      const neighbour = await open({ bytes: addModel().bytes });
      await neighbour.start();

      await expect((await open(opening)).start()).rejects.toMatchObject({
        code: 'model_not_available',
        message: expect.stringContaining(words) as unknown,
      });

      expect([...(await answer(neighbour, 'a', 'b'))]).toEqual([2, 4, 6, 8]);
    },
  );
});

it('takes weights from a file in its own folder', async () => {
  const { bytes, files } = externalDataModel();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const model = await open({ bytes });
  await model.start();

  expect([...(await answer(model, 'x'))]).toEqual([2, 4, 6, 8]);
});
