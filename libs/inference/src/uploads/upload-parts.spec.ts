import { expect, it } from 'vitest';
import { missingParts, PART_BYTES, partsOf, sizeOfPart, truncated } from './upload-parts.js';

const sha256 = '0'.repeat(64);
const files = { 'model.onnx': { sha256, bytes: 2 * PART_BYTES + 1 }, 'labels.txt': { sha256, bytes: 5 } };

it('cuts a file into parts of one size and a rest', () => {
  expect([1, PART_BYTES, PART_BYTES + 1].map(partsOf)).toEqual([1, 1, 2]);
  expect([0, 1, 2].map((index) => sizeOfPart(files, 'model.onnx', index))).toEqual([
    PART_BYTES,
    PART_BYTES,
    1,
  ]);
  expect(sizeOfPart(files, 'labels.txt', 0)).toBe(5);
});

it('names the field that asks for a part that there is not', () => {
  expect(() => sizeOfPart(files, 'other', 0)).toThrow(expect.objectContaining({ param: 'path' }));
  expect(() => sizeOfPart(files, 'model.onnx', 3)).toThrow(expect.objectContaining({ param: 'index' }));
});

it('lists what is missing, file by file', () => {
  expect(missingParts(files, { 'model.onnx': [1], 'labels.txt': [0] })).toEqual({ 'model.onnx': [0, 2] });
  expect(missingParts(files, { 'model.onnx': [2, 1, 0], 'labels.txt': [0] })).toEqual({});
  expect(truncated({ 'model.onnx': [0, 2] })).toMatchObject({
    code: 'invalid_request',
    message: 'The upload is not complete. Missing: model.onnx: parts 0, 2.',
  });
});
