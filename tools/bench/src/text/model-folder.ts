import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VersionFiles } from '@trivium/contracts/model-manifest';
import { quantize } from '@trivium/onnx';
import { decoderFiles, SMOLLM2_135M } from '@trivium/onnx/synthesis';

/** Of the weights; the same in every run, so that figures of different days compare. */
const SEED = 7;
/** Where transformers.js looks for 8 bits. */
const MODEL = 'onnx/model_quantized.onnx';

export interface DecoderFolder {
  readonly folder: string;
  readonly files: VersionFiles;
  readonly modelFile: { readonly name: string; readonly sha256: string; readonly bytes: number };
}

/** A decoder of SmolLM2-135M's shape with random weights in 8 bits, made on the spot, as both contenders open it. */
export async function writeDecoder(folder: string): Promise<DecoderFolder> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const files: Record<string, { sha256: string; bytes: number }> = {};
  for (const [name, bytes] of decoderFiles(SMOLLM2_135M, SEED, 'gqa')) {
    const isModel = name.endsWith('.onnx');
    const path = isModel ? MODEL : name;
    await writeFile(join(folder, path), isModel ? quantize(bytes, { variant: 'int8' }).bytes : bytes);
    const written = await readFile(join(folder, path));
    files[path] = {
      sha256: createHash('sha256').update(written).digest('hex'),
      bytes: written.byteLength,
    };
  }
  const model = files[MODEL];
  if (model === undefined) throw new Error('no model was written');
  return { folder, files, modelFile: { name: MODEL, ...model } };
}
