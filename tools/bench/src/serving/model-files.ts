import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import { quantize } from '@trivium/onnx';
import { encoderModel, type EncoderShape } from '@trivium/onnx/synthesis';
import type { Precision } from './protocol.js';
import { LONGEST } from './traces.js';

/** Of the weights; the same in every run, so that figures of different days compare. */
const SEED = 17;
/** The folder of a model as `@huggingface/transformers` wants it: there int8 is called quantized. */
const FILES = {
  fp32: join('onnx', 'model.onnx'),
  int8: join('onnx', 'model_quantized.onnx'),
} as const satisfies Record<Precision, string>;
const SHAPE_BUCKETS = [16, 32, 64, 128, LONGEST];
const MANIFEST = 'manifest.json';

export interface ModelOnDisk {
  readonly path: string;
  readonly sha256: string;
  readonly manifest: ModelManifest;
}

/** Makes an encoder of this shape in both precisions, with what each contender needs to open it. */
export async function writeModel(folder: string, shape: EncoderShape): Promise<void> {
  const { bytes, manifest } = encoderModel(shape, SEED);
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await writeFile(join(folder, FILES.fp32), bytes);
  await writeFile(join(folder, FILES.int8), quantize(bytes, { variant: 'int8' }).bytes);
  const batching = { ...manifest.dynamic_batching, shape_buckets: SHAPE_BUCKETS };
  await writeFile(join(folder, MANIFEST), JSON.stringify({ ...manifest, dynamic_batching: batching }));
  const config = {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    intermediate_size: shape.feedForward,
    max_position_embeddings: shape.positions,
    vocab_size: shape.vocabulary,
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
}

export async function readModel(folder: string, precision: Precision): Promise<ModelOnDisk> {
  const path = join(folder, FILES[precision]);
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const manifest = ModelManifest.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
  return { path, sha256, manifest };
}
