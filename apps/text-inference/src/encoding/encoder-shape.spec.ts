import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import { describe, expect, it } from 'vitest';
import { encoderShapeOf } from './encoder-shape.js';

const manifest = (fields: Partial<ModelManifestInput>): ModelManifest =>
  ModelManifest.parse({
    id: 'm',
    task: 'embed',
    licence: 'MIT',
    max_batch_size: 8,
    input: [{ name: 'input_ids', data_type: 'INT64', dims: [-1] }],
    output: [{ name: 'last_hidden_state', data_type: 'FP32', dims: [-1, 384] }],
    ...fields,
  });
const fp32 = (name: string, ...dims: number[]) => ({ name, data_type: 'FP32' as const, dims });

describe('encoderShapeOf', () => {
  it.each<[string, Partial<ModelManifestInput>, object]>([
    ['states of tokens', {}, { output: 'last_hidden_state', perToken: true, width: 384 }],
    [
      'a vector that is already pooled',
      { output: [fp32('token_embeddings', -1, 384), fp32('sentence_embedding', 384)] },
      { output: 'sentence_embedding', perToken: false },
    ],
    [
      'states before a pooler that was trained for something else',
      { output: [fp32('pooler_output', 384), fp32('last_hidden_state', -1, 384)] },
      { output: 'last_hidden_state', perToken: true },
    ],
    [
      'a vector under any name',
      { output: [fp32('out', 256)] },
      { output: 'out', perToken: false, width: 256 },
    ],
    [
      'a model without a batch side',
      {
        max_batch_size: 0,
        input: [{ name: 'input_ids', data_type: 'INT64', dims: [1, -1] }],
        output: [fp32('last_hidden_state', 1, -1, 384)],
      },
      { perToken: true, width: 384 },
    ],
  ])('finds %s', (_what, fields, expected) => {
    expect(encoderShapeOf(manifest(fields), 'embed')).toMatchObject(expected);
  });

  it('finds the score of a cross-encoder', () => {
    expect(encoderShapeOf(manifest({ output: [fp32('logits', 1)] }), 'rerank')).toMatchObject({
      output: 'logits',
      width: 1,
    });
  });

  it.each<[string, Partial<ModelManifestInput>]>([
    ["'pixel_values'", { input: [{ name: 'pixel_values', data_type: 'FP32', dims: [3, -1, -1] }] }],
    ["'input_ids' is FP32", { input: [{ name: 'input_ids', data_type: 'FP32', dims: [-1] }] }],
    ["no input 'input_ids'", { input: [{ name: 'attention_mask', data_type: 'INT64', dims: [-1] }] }],
    ['none of its outputs', { output: [fp32('last_hidden_state', -1, -1)] }],
  ])('says what is wrong: %s', (named, fields) => {
    expect(() => encoderShapeOf(manifest(fields), 'embed')).toThrow(named);
  });
});
