import { expect, it } from 'vitest';
import { checkRaw, decodeValues, encodeValues } from './open-inference-tensor.js';
import type { Datatype } from './tensor.js';

it.each<[Datatype, (number | boolean | string)[]]>([
  ['BOOL', [true, false]],
  ['UINT8', [0, 255]],
  ['UINT16', [0, 65_535]],
  ['UINT32', [0, 4_294_967_295]],
  ['UINT64', [0, Number.MAX_SAFE_INTEGER]],
  ['INT8', [-128, 127]],
  ['INT16', [-32_768, 32_767]],
  ['INT32', [-2_147_483_648, 2_147_483_647]],
  ['INT64', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  ['FP32', [0.5, -2]],
  ['FP64', [0.1, -1e300]],
  ['BYTES', ['ü', '']],
])('%s comes back as it was', (datatype, values) => {
  const head = { datatype, shape: [values.length] };
  const data = encodeValues(head, values, 'inputs[0]');

  checkRaw(head, data, 'inputs[0]');
  expect(decodeValues({ ...head, data }, 'outputs[0]')).toEqual(values);
});

it.each<[string, Datatype, readonly number[], readonly unknown[]]>([
  ['inputs[0].shape', 'INT8', [3], [1, 2]],
  ['inputs[0].data', 'FP16', [1], [1]],
  ['inputs[0].data', 'UINT8', [1], [256]],
  ['inputs[0].data[1]', 'INT8', [2, 2], [[1, 2], [3]]],
])('names %s where values of %s do not fit', (param, datatype, shape, data) => {
  expect(() => encodeValues({ datatype, shape }, data, 'inputs[0]')).toThrow(
    expect.objectContaining({ code: 'invalid_request', param }) as Error,
  );
});

it('refuses what JSON cannot hold', () => {
  const data = new Uint8Array(new Float32Array([NaN]).buffer);

  expect(() => decodeValues({ datatype: 'FP32', shape: [1], data }, 'outputs[0]')).toThrow('binary_data');
});

it('refuses strings that are cut off', () => {
  const data = new Uint8Array([5, 0, 0, 0, 65]);

  expect(() => checkRaw({ datatype: 'BYTES', shape: [1] }, data, 'inputs[0]')).toThrow('element 0');
});
