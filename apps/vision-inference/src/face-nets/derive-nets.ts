import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import type { ModelManifest } from '@trivium/contracts/model-manifest';
import { type ModelFile, readVerifiedFile } from '@trivium/onnx';
import { modelFile } from '../spotting/model-files.js';
import { descriptorNet } from './descriptor-net.js';
import { detectorNet } from './detector-net.js';
import { landmarkNet } from './landmark-net.js';
import { readWeights, type Weights } from './weight-file.js';

export type FaceNet = 'detector' | 'landmarks' | 'descriptor';

const EXPORTERS: Readonly<Record<FaceNet, (weights: Weights) => Uint8Array>> = {
  detector: detectorNet,
  landmarks: landmarkNet,
  descriptor: descriptorNet,
};

/**
 * Writes the networks of the pack as ONNX files into the folder, each under the SHA-256 of its bytes, and
 * answers where they are. A file that is there already is left alone: its name says what it holds, and the
 * worker that loads it hashes it again. Throws `model_not_available` when the pack's own files are not there
 * or are others than its manifest names.
 */
export async function deriveNets(
  manifest: ModelManifest,
  folder: string,
): Promise<Readonly<Record<FaceNet, ModelFile>>> {
  const derive = (net: FaceNet): Promise<ModelFile> => deriveNet(manifest, net, folder);
  return {
    detector: await derive('detector'),
    landmarks: await derive('landmarks'),
    descriptor: await derive('descriptor'),
  };
}

async function deriveNet(manifest: ModelManifest, net: FaceNet, folder: string): Promise<ModelFile> {
  const [layout, bytes] = await Promise.all([
    readVerifiedFile(modelFile(manifest, `${net}-manifest`)),
    readVerifiedFile(modelFile(manifest, net)),
  ]);
  const model = EXPORTERS[net](readWeights(layout, bytes));
  const sha256 = createHash('sha256').update(model).digest('hex');
  const path = join(folder, `face-${net}.${sha256}.onnx`);
  if (!(await hasSize(path, model.length))) await writeWhole(path, model);
  return { path, sha256 };
}

async function hasSize(path: string, size: number): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile() && facts.size === size,
    () => false,
  );
}

/** Others that start at the same time see the whole file or none. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(partial, bytes);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined); // the folder itself may not be one
    throw new DomainError('model_not_available', 'The face networks cannot be written to MODELS_DIR', {
      cause,
    });
  }
}
