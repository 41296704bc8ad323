import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quantize } from '@trivium/onnx';
import { decoderFiles, type DecoderShape } from '@trivium/onnx/synthesis';
import { ggufParts } from './gguf.js';
import type { FileFacts } from './protocol.js';
import { qwen2Metadata, qwen2Tensors } from './qwen2-gguf.js';

/** Of the weights; the same in every run, so that figures of different days compare. */
const SEED = 17;
/** As `@huggingface/transformers` wants it. */
export const MODEL_FILE = 'onnx/model_quantized.onnx';
export const GGUF_FILE = 'model.q8_0.gguf';

/** Writes one decoder for all contenders: int8 ONNX by our quantizer, GGUF in Q8_0, configuration, tokenizer. */
export async function writeDecoder(
  folder: string,
  shape: DecoderShape,
): Promise<Readonly<Record<string, FileFacts>>> {
  const facts: Record<string, FileFacts> = {};
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    await writeFile(join(folder, name), bytes);
    facts[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.byteLength };
  };
  const files = decoderFiles(shape, SEED, 'gqa');
  const bytesOf = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new Error(`No ${name} was made`);
    return bytes;
  };
  const jsonOf = (name: string): unknown => JSON.parse(Buffer.from(bytesOf(name)).toString());
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const onnx = bytesOf('model.fp32.onnx');
  files.delete('model.fp32.onnx');
  for (const [name, bytes] of files) await put(name, bytes);
  const metadata = qwen2Metadata(shape, jsonOf('config.json'), jsonOf('tokenizer.json'));
  await using gguf = await open(join(folder, GGUF_FILE), 'w');
  for (const part of ggufParts(metadata, qwen2Tensors(onnx, shape))) await gguf.writeFile(part);
  await put(MODEL_FILE, quantize(onnx, { variant: 'int8' }).bytes);
  return facts;
}
