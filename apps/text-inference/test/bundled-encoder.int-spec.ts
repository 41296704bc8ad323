import { readFileSync } from 'node:fs';
import 'reflect-metadata';
import { embed, listTextModels } from '@trivium/contracts/text-inference';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosineOf, type EncoderHouse, startEncoders, vectorsOf } from './encoder-house.js';

const PACK = new URL('../../../models/trivium-mini-embed/', import.meta.url);

interface Golden {
  readonly text: string;
  /** By the same file in Python's ONNX Runtime and tokenizers. */
  readonly vector: readonly number[];
}

let house: EncoderHouse;

beforeAll(async () => {
  house = await startEncoders({});
});
afterAll(() => house[Symbol.asyncDispose]());

const vectors = async (inputs: string[]): Promise<Float32Array[]> =>
  vectorsOf(await house.client.call(embed, { inputs }));

describe('the bundled encoder', () => {
  it('is there without anybody adding a model, and is the one that embeds', async () => {
    const { models } = await house.client.call(listTextModels, {});

    expect(models).toContainEqual(
      expect.objectContaining({ id: 'trivium-mini-embed', task: 'embed', dimensions: 256 }),
    );
    expect(await house.client.call(embed, { inputs: ['hello'] })).toMatchObject({
      model: 'trivium-mini-embed',
      dimensions: 256,
      execution: { variant: 'int8' },
    });
  });

  it('gives the vectors that its recipe gives', async () => {
    const golden = readFileSync(new URL('golden.jsonl', PACK), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Golden);
    const found = await vectors(golden.map(({ text }) => text));

    expect(golden.length).toBeGreaterThan(5);
    golden.forEach(({ vector }, index) => {
      expect(cosineOf(vector, found[index] ?? [])).toBeGreaterThan(0.999);
    });
  });

  it.each([
    ['打印机卡纸了', 'the printer is jammed'],
    ['发票总金额是多少', 'what is the invoice total'],
    ['订一张从上海到柏林的机票', 'book a flight from Shanghai to Berlin'],
  ])('finds what means the same in the other language: %s', async (query, target) => {
    const others = [
      'the printer is jammed',
      'what is the invoice total',
      'book a flight from Shanghai to Berlin',
      'book a flight from Berlin to Shanghai by train',
      'how do i cook dumplings',
      'when does the library open',
      'i forgot my password',
    ];
    const [asked, ...found] = await vectors([query, ...others]);
    const scores = found.map((vector) => cosineOf(asked ?? [], vector));

    expect(others[scores.indexOf(Math.max(...scores))]).toBe(target);
  });
});
