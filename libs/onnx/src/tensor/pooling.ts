import { DomainError } from '@trivium/contracts';
import type { Tensor } from '@trivium/contracts/tensor';
import type { TensorTask, TokenPooling } from './tensor-task.js';

/**
 * The outputs of one task with the states of its tokens brought together into one vector per item, where the
 * task asks for it: [items, tokens, width] becomes [items, width], FP32. What crosses to the service is then
 * as small as what it is asked for.
 */
export function pooled(outputs: readonly Tensor[], { inputs, pooling }: TensorTask): readonly Tensor[] {
  if (pooling === undefined) return outputs;
  const mask = inputs.find(({ name }) => name === pooling.mask);
  return outputs.map((output) => (output.name === pooling.output ? pool(output, mask, pooling) : output));
}

/** Throws `model_not_available` when the output holds no states of tokens. */
function pool(states: Tensor, mask: Tensor | undefined, { mode }: TokenPooling): Tensor {
  const [items = 0, tokens = 0, width = 0] = states.shape;
  if (states.shape.length !== 3) {
    throw new DomainError(
      'model_not_available',
      `The output '${states.name}' has the shape [${states.shape.join(', ')}]; what is pooled has items, tokens and width`,
    );
  }
  const values = floatsOf(states);
  const counts = mask === undefined ? undefined : lowWords(mask);
  const vectors = new Float32Array(items * width);
  for (let item = 0; item < items; item += 1) {
    const vector = vectors.subarray(item * width, (item + 1) * width);
    const own = values.subarray(item * tokens * width, (item + 1) * tokens * width);
    POOLS[mode](own, vector, (token) => counts === undefined || counts[(item * tokens + token) * 2] !== 0);
  }
  return {
    name: states.name,
    datatype: 'FP32',
    shape: [items, width],
    data: new Uint8Array(vectors.buffer),
  };
}

type Floats = Float32Array | Float16Array;
/** From [tokens, width] into a vector of zeros; tokens that are padding do not count. */
type Pool = (states: Floats, vector: Float32Array, counts: (token: number) => boolean) => void;

const POOLS: Readonly<Record<TokenPooling['mode'], Pool>> = {
  mean(states, vector, counts) {
    const width = vector.length;
    let seen = 0;
    for (let token = 0, at = 0; at < states.length; token += 1, at += width) {
      if (!counts(token)) continue;
      seen += 1;
      for (let channel = 0; channel < width; channel += 1) {
        vector[channel] = (vector[channel] ?? 0) + (states[at + channel] ?? 0);
      }
    }
    const share = 1 / Math.max(1, seen);
    for (let channel = 0; channel < width; channel += 1) vector[channel] = (vector[channel] ?? 0) * share;
  },
  max(states, vector, counts) {
    const width = vector.length;
    vector.fill(Number.NEGATIVE_INFINITY);
    let seen = false;
    for (let token = 0, at = 0; at < states.length; token += 1, at += width) {
      if (!counts(token)) continue;
      seen = true;
      for (let channel = 0; channel < width; channel += 1) {
        vector[channel] = Math.max(vector[channel] ?? 0, states[at + channel] ?? 0);
      }
    }
    if (!seen) vector.fill(0);
  },
  cls(states, vector) {
    vector.set(states.subarray(0, vector.length));
  },
  last(states, vector, counts) {
    const width = vector.length;
    for (let token = states.length / width - 1; token >= 0; token -= 1) {
      if (counts(token)) return vector.set(states.subarray(token * width, (token + 1) * width));
    }
  },
};

function floatsOf({ name, datatype, data }: Tensor): Floats {
  const Elements = datatype === 'FP32' ? Float32Array : datatype === 'FP16' ? Float16Array : undefined;
  if (Elements === undefined) {
    throw new DomainError('model_not_available', `The output '${name}' is ${datatype}, which is not pooled`);
  }
  const size = Elements.BYTES_PER_ELEMENT;
  const aligned = data.byteOffset % size === 0 ? data : Uint8Array.from(data);
  return new Elements(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size);
}

/** Of little-endian INT64 elements the lower half, at every second place; a mask needs no more. */
function lowWords({ data }: Tensor): Int32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : Uint8Array.from(data);
  return new Int32Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / 4);
}
