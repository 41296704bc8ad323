import { describe, expect, it } from 'vitest';
import { decoderStep, denseClassifier, encoderModel, identityModel } from '../synthesis/synthesis.js';
import { randomInputs } from './random-inputs.js';

describe('randomInputs', () => {
  it('looks up only rows that the table has, and masks nothing', () => {
    const [ids, mask] = randomInputs(encoderModel().bytes, { batch: 2, length: 40 });

    const tokens = new BigInt64Array(ids?.data.buffer as ArrayBuffer);
    expect(ids).toMatchObject({ name: 'input_ids', datatype: 'INT64', shape: [2, 40] });
    expect(tokens.every((token) => token >= 0n && token < 64n)).toBe(false); // the table has 128 rows
    expect(tokens.every((token) => token >= 0n && token < 128n)).toBe(true);
    expect(new BigInt64Array(mask?.data.buffer as ArrayBuffer).every((one) => one === 1n)).toBe(true);
  });

  it('has the shapes and types that the model names, the same for the same seed', () => {
    const decoder = randomInputs(decoderStep().bytes, { length: 3 });

    expect(decoder.map(({ shape }) => shape)).toEqual([
      [1, 1],
      [1, 2, 3, 8],
      [1, 2, 3, 8],
    ]);
    expect(randomInputs(identityModel('STRING').bytes, { length: 2 })[0]?.data).toHaveLength(10);
    const { bytes } = denseClassifier();
    expect(randomInputs(bytes, { seed: 4 })).toEqual(randomInputs(bytes, { seed: 4 }));
    expect(randomInputs(bytes, { seed: 4 })).not.toEqual(randomInputs(bytes, { seed: 5 }));
  });
});
