import type { Tensor } from '@trivium/contracts/tensor';

/** Objects and names around the bytes, per tensor. */
const TENSOR_OVERHEAD_BYTES = 256;

/** Memory that tensors take in a cache, in bytes. */
export function tensorsSize(tensors: readonly Tensor[]): number {
  return tensors.reduce(
    (sum, { name, shape, data }) =>
      sum + data.byteLength + 2 * name.length + 8 * shape.length + TENSOR_OVERHEAD_BYTES,
    0,
  );
}

/** Copies every view that keeps a larger buffer alive, such as one member's share of a batch's output. */
export function ownTensors(tensors: readonly Tensor[]): Tensor[] {
  return tensors.map((tensor) =>
    tensor.data.byteLength === tensor.data.buffer.byteLength
      ? tensor
      : { ...tensor, data: Uint8Array.from(tensor.data) },
  );
}
