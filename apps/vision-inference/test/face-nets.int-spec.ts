import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '@trivium/contracts/tensor';
import { openTensorSession } from '@trivium/onnx';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deriveNets, type FaceNet } from '../dist/face-nets/derive-nets.js';
import { readModelManifest } from '../dist/spotting/model-files.js';
import { picture } from './drawn-face.js';

const REFERENCE = fileURLToPath(new URL('face-api-reference.mjs', import.meta.url));
const PLACE = { threads: 1, fixedShapes: false };
const MEAN = [122.782, 117.001, 104.298];
/** Largest that an output may differ; the outputs reach 0.4 to 1.3. */
const TOLERANCE = 1e-4;

const NETS: readonly { net: FaceNet; side: number; mean: readonly number[]; divisor: number }[] = [
  { net: 'descriptor', side: 150, mean: MEAN, divisor: 255 },
  { net: 'landmarks', side: 112, mean: MEAN, divisor: 255 },
  { net: 'detector', side: 512, mean: [127.5, 127.5, 127.5], divisor: 127.5 },
];

let folder: string;
let reference: ChildProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trivium-face-nets-'));
  reference = fork(REFERENCE, { serialization: 'advanced' });
});

afterAll(async () => {
  reference.kill();
  await rm(folder, { recursive: true, force: true });
});

/** RGB bytes, row by row. */
async function pixelsOf(side: number): Promise<Uint8Array> {
  const drawn = await picture(600, 600, [{ seed: 5, left: 90, top: 20, size: 420 }]);
  return new Uint8Array(await sharp(drawn).resize(side, side).removeAlpha().raw().toBuffer());
}

function asPlanes(pixels: Uint8Array, side: number, mean: readonly number[], divisor: number): Float32Array {
  const plane = side * side;
  return Float32Array.from({ length: 3 * plane }, (_, index) => {
    const channel = Math.floor(index / plane);
    return ((pixels[(index % plane) * 3 + channel] ?? 0) - (mean[channel] ?? 0)) / divisor;
  });
}

describe('networks that are derived from the weights of face-api', () => {
  it.each(NETS)('$net answers what face-api itself answers', async ({ net, side, mean, divisor }) => {
    const nets = await deriveNets(await readModelManifest('face-api'), folder);
    const pixels = await pixelsOf(side);
    const answered = once(reference, 'message');
    reference.send({ net, side, pixels });

    const session = await openTensorSession(await readFile(nets[net].path), PLACE);
    const image: Tensor = {
      name: 'image',
      datatype: 'FP32',
      shape: [1, 3, side, side],
      data: new Uint8Array(asPlanes(pixels, side, mean, divisor).buffer),
    };
    const outputs = await session.run([image]);

    const [{ outputs: expected }] = (await answered) as [{ outputs: Record<string, Float32Array> }];
    expect(outputs.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
    for (const { name, data } of outputs) {
      const values = expected[name] ?? new Float32Array();
      const own = new Float32Array(data.slice().buffer);
      expect(own).toHaveLength(values.length);
      const worst = values.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - (own[index] ?? NaN))),
        0,
      );
      expect(worst).toBeLessThan(TOLERANCE);
    }
  });

  it('are written once, under the hash of their bytes', async () => {
    const manifest = await readModelManifest('face-api');
    const first = await deriveNets(manifest, folder);
    const { mtimeMs } = await stat(first.descriptor.path);

    const again = await deriveNets(manifest, folder);

    expect(again).toEqual(first);
    expect((await stat(again.descriptor.path)).mtimeMs).toBe(mtimeMs);
    expect((await readdir(folder)).sort()).toEqual(
      Object.entries(first)
        .map(([net, { sha256 }]) => `face-${net}.${sha256}.onnx`)
        .sort(),
    );
  });

  it('are not made of other weights than the pack names', async () => {
    const manifest = await readModelManifest('face-api');
    const descriptor = { ...manifest.files['descriptor'], path: 'package.json', sha256: '0'.repeat(64) };
    const altered = { ...manifest, files: { ...manifest.files, descriptor } };

    await expect(deriveNets(altered, folder)).rejects.toMatchObject({ code: 'model_not_available' });
  });
});
