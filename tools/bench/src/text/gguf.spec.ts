import { Random, TINY_DECODER, decoderFiles } from '@trivium/onnx/synthesis';
import { describe, expect, it } from 'vitest';
import { ALIGNMENT, BLOCK, ggufParts, type GgufTensor, halfOf } from './gguf.js';
import { qwen2Metadata, qwen2Tensors } from './qwen2-gguf.js';

interface Tensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** Reads a file by the format's description, independently of the writer. */
function readGguf(file: Buffer): { metadata: Map<string, unknown>; tensors: Map<string, Tensor> } {
  let at = 0;
  const u32 = (): number => file.readUInt32LE((at += 4) - 4);
  const u64 = (): number => Number(file.readBigUInt64LE((at += 8) - 8));
  const string = (): string => {
    const length = u64();
    return file.toString('utf8', at, (at += length));
  };
  const value = (type: number): unknown => {
    if (type === 4) return u32();
    if (type === 5) return file.readInt32LE((at += 4) - 4);
    if (type === 6) return file.readFloatLE((at += 4) - 4);
    if (type === 7) return file.readUInt8(at++) === 1;
    if (type === 8) return string();
    if (type !== 9) throw new Error(`unexpected type ${type}`);
    const item = u32();
    return Array.from({ length: u64() }, () => value(item));
  };
  expect(file.toString('latin1', 0, 4)).toBe('GGUF');
  at = 4;
  expect(u32()).toBe(3);
  const [tensorCount, keyCount] = [u64(), u64()];
  const metadata = new Map<string, unknown>();
  for (let index = 0; index < keyCount; index += 1) {
    const key = string();
    metadata.set(key, value(u32()));
  }
  const infos = Array.from({ length: tensorCount }, () => {
    const name = string();
    const dims = Array.from({ length: u32() }, u64);
    return { name, dims, type: u32(), offset: u64() };
  });
  const data = Math.ceil(at / ALIGNMENT) * ALIGNMENT;
  const tensors = new Map<string, Tensor>();
  for (const { name, dims, type, offset } of infos) {
    expect(offset % ALIGNMENT).toBe(0);
    const count = dims.reduce((product, side) => product * side, 1);
    const values = Float32Array.from({ length: count }, (_, index) => {
      if (type === 0) return file.readFloatLE(data + offset + index * 4);
      const block = data + offset + Math.floor(index / BLOCK) * (BLOCK + 2);
      return halfValue(file.readUInt16LE(block)) * file.readInt8(block + 2 + (index % BLOCK));
    });
    tensors.set(name, { dims, values });
  }
  return { metadata, tensors };
}

function halfValue(bits: number): number {
  const exponent = bits >> 10;
  const fraction = bits & 0x3ff;
  return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1_024) * 2 ** (exponent - 15);
}

describe('ggufParts', () => {
  it('writes metadata and tensors that a reader of the format finds again', () => {
    const random = new Random(3);
    const tensors: GgufTensor[] = [
      { name: 'bias', dims: [5], type: 'F32', values: random.normals(5) },
      { name: 'matrix', dims: [64, 3], type: 'Q8_0', values: random.normals(192) },
    ];
    const file = Buffer.concat([
      ...ggufParts(
        {
          count: { type: 'u32', value: 7 },
          base: { type: 'f32', value: 0.5 },
          flag: { type: 'bool', value: true },
          name: { type: 'string', value: 'Ġé' },
          words: { type: 'strings', value: ['a', 'Ġb'] },
          kinds: { type: 'i32s', value: [1, -3] },
        },
        tensors,
      ),
    ]);
    const read = readGguf(file);
    expect(Object.fromEntries(read.metadata)).toEqual({
      count: 7,
      base: 0.5,
      flag: true,
      name: 'Ġé',
      words: ['a', 'Ġb'],
      kinds: [1, -3],
    });
    expect(read.tensors.get('bias')).toEqual({ dims: [5], values: tensors[0]?.values });
    const matrix = read.tensors.get('matrix');
    expect(matrix?.dims).toEqual([64, 3]);
    for (const [index, value] of (tensors[1]?.values ?? []).entries()) {
      expect(Math.abs((matrix?.values[index] ?? Number.NaN) - value)).toBeLessThan(0.02);
    }
  });

  it('refuses rows that are no whole blocks', () => {
    const tensor: GgufTensor = { name: 'odd', dims: [33], type: 'Q8_0', values: new Float32Array(33) };
    expect(() => [...ggufParts({}, [tensor])]).toThrow('odd: rows of 33');
  });
});

describe('halfOf', () => {
  it.each([0, 2 ** -24, 2 ** -14, 0.1, 1, 1.9999, 65_000])('is within half a step of %s', (value) => {
    expect(Math.abs(halfValue(halfOf(value)) - value)).toBeLessThanOrEqual(
      Math.max(value * 2 ** -11, 2 ** -25),
    );
  });
});

describe('qwen2Tensors', () => {
  it('splits and turns the packed matrices', () => {
    const files = decoderFiles(TINY_DECODER, 7, 'gqa');
    const tensors = new Map(
      qwen2Tensors(files.get('model.fp32.onnx') ?? new Uint8Array(), TINY_DECODER).map((one) => [
        one.name,
        one,
      ]),
    );
    expect(tensors.size).toBe(3 + 12 * TINY_DECODER.layers);
    expect(tensors.get('blk.1.attn_k.weight')?.dims).toEqual([64, 32]);
    expect(tensors.get('blk.1.ffn_down.weight')?.dims).toEqual([128, 64]);
    expect(tensors.get('blk.0.attn_v.bias')?.dims).toEqual([32]);
    const deviation = (name: string): number => Math.hypot(...(tensors.get(name)?.values ?? []));
    // Keys are half as large again as values, which shows that the columns were told apart.
    expect(deviation('blk.0.attn_k.weight') / deviation('blk.0.attn_v.weight')).toBeCloseTo(1.5, 1);
  });

  it('names every token once and marks the special ones', () => {
    const files = decoderFiles(TINY_DECODER, 7, 'gqa');
    const json = (name: string): unknown => JSON.parse(Buffer.from(files.get(name) ?? []).toString());
    const metadata = qwen2Metadata(TINY_DECODER, json('config.json'), json('tokenizer.json'));
    const tokens = metadata['tokenizer.ggml.tokens']?.value as string[];
    expect(new Set(tokens).size).toBe(TINY_DECODER.vocabulary);
    expect((metadata['tokenizer.ggml.token_type']?.value as number[]).slice(-4)).toEqual([1, 3, 3, 3]);
  });
});
