import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DecoderSession, openDecoderFile } from '../src/session/decoder-session.js';
import { addModel, decoderModel, TINY_DECODER as SHAPE } from '../src/synthesis/synthesis.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trivium-decoder-session-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(bytes: Uint8Array): Promise<DecoderSession> {
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return openDecoderFile({ path, sha256 }, { threads: 1, fixedShapes: false });
}

const CAPACITY = 2_048;
const TOKENS = [5n, 300n, 17n, 42n];

describe.each(['gqa', 'concat'] as const)('a session of the form %s', (form) => {
  it('writes to the arrays that it is given, and makes none of their size', async () => {
    const session = await open(decoderModel({ ...SHAPE, positions: CAPACITY }, 3, form));
    const { layers, kvHeads, headSize, inPlace, vocabulary } = session.shape;
    expect(inPlace).toBe(form === 'gqa');
    const buffers = (length: number) =>
      Array.from({ length: layers * 2 }, () => new Float32Array(kvHeads * length * headSize));
    const pastLength = inPlace ? CAPACITY : CAPACITY - TOKENS.length;
    const past = buffers(pastLength);
    const present = inPlace ? past : buffers(CAPACITY);
    const before = inPlace ? 0 : pastLength;
    const width = before + TOKENS.length;
    const run = () =>
      session.run({
        tokens: BigInt64Array.from(TOKENS),
        rows: 1,
        columns: TOKENS.length,
        mask: new BigInt64Array(width).fill(1n),
        width,
        positions: BigInt64Array.from(TOKENS, (_, index) => BigInt(before + index)),
        past,
        pastLength,
        present,
      });
    const first = (await run()).slice();
    const held = process.memoryUsage().arrayBuffers;
    const again = await run();
    for (let count = 0; count < 9; count += 1) await run();
    const grown = process.memoryUsage().arrayBuffers - held;

    expect(first).toHaveLength(vocabulary);
    expect(again).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(vocabulary / 2);
    for (const data of present) {
      const written = data.subarray(before * headSize, width * headSize);
      expect(written.every((value) => value !== 0)).toBe(true);
    }
    // Ten runs that made the outputs anew would hold ten times as much.
    expect(grown).toBeLessThan(present.reduce((sum, { byteLength }) => sum + byteLength, 0));
  });

  it('reads its past: another one leads elsewhere', async () => {
    const session = await open(decoderModel(SHAPE, 3, form));
    const { layers, kvHeads, headSize, inPlace } = session.shape;
    const capacity = inPlace ? 16 : 0;
    const step = async (tokens: bigint[], past: Float32Array[], length: number) => {
      const pastLength = inPlace ? capacity : length;
      const present = inPlace
        ? past
        : past.map(() => new Float32Array(kvHeads * (length + tokens.length) * headSize));
      const logits = await session.run({
        tokens: BigInt64Array.from(tokens),
        rows: 1,
        columns: tokens.length,
        mask: new BigInt64Array(length + tokens.length).fill(1n),
        width: length + tokens.length,
        positions: BigInt64Array.from(tokens, (_, index) => BigInt(length + index)),
        past,
        pastLength,
        present,
      });
      return { logits: logits.slice(), present };
    };
    const empty = () =>
      Array.from({ length: layers * 2 }, () => new Float32Array(kvHeads * capacity * headSize));
    const whole = await step([5n, 300n, 17n], empty(), 0);
    const begun = await step([5n, 300n], empty(), 0);
    const ended = await step([17n], [...begun.present], 2);
    const other = await step([17n], [...(await step([6n, 301n], empty(), 0)).present], 2);

    const distance = (one: Float32Array, two: Float32Array) =>
      Math.max(...one.map((value, index) => Math.abs(value - (two[index] ?? 0))));
    expect(distance(whole.logits, ended.logits)).toBeLessThan(1e-4);
    expect(distance(whole.logits, other.logits)).toBeGreaterThan(0.01);
  });
});

it('names what a file lacks', async () => {
  const { bytes } = addModel();
  await expect(open(bytes)).rejects.toMatchObject({
    code: 'model_not_available',
    message: expect.stringContaining("no input 'input_ids'") as string,
  });
});
