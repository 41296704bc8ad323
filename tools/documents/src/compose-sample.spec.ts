import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { composeSample } from './compose-sample.js';
import { SAMPLES } from './plan.js';

const FOLDER = new URL('../../../samples/invoices/', import.meta.url);

describe('the committed samples', () => {
  it.each(SAMPLES.map((plan, index) => composeSample(plan, index)))(
    '$name says what the generator drew',
    ({ name, truth }) => {
      expect(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'))).toEqual(truth);
      expect(statSync(new URL(`${name}.jpg`, FOLDER)).size).toBeLessThan(260_000);
    },
  );

  it('cover three splits, every layout and every fault', () => {
    const splits = Object.groupBy(SAMPLES, ({ split }) => split);
    expect(Object.values(splits).map((plans) => plans?.length)).toEqual([8, 8, 8]);
    expect(new Set(SAMPLES.map(({ invoice }) => invoice.layout)).size).toBe(3);
    expect(new Set(SAMPLES.flatMap(({ fault }) => fault ?? [])).size).toBe(5);
  });
});
