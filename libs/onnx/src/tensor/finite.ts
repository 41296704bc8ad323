import { DomainError } from '@trivium/contracts';
import type { InputSpec } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';

/** Throws `invalid_request` that names the element, when a float input holds NaN or an infinity. */
export function assertFinite(inputs: readonly Tensor[], specs: readonly InputSpec[]): void {
  inputs.forEach((tensor, index) => {
    if (specs.find(({ name }) => name === tensor.name)?.allow_nan !== false) return;
    const at = firstNotFinite(tensor);
    if (at === undefined) return;
    throw new DomainError('invalid_request', `Element ${at} of the input '${tensor.name}' is not a number`, {
      param: `inputs[${index}].data`,
    });
  });
}

/** In all formats: an exponent of ones. */
function firstNotFinite({ datatype, data }: Tensor): number | undefined {
  const bits = BITS[datatype as keyof typeof BITS];
  if (bits === undefined) return undefined;
  const { Elements, mask, step, offset } = bits;
  const size = Elements.BYTES_PER_ELEMENT;
  const bytes = data.byteOffset % size === 0 ? data : Uint8Array.from(data);
  const words = new Elements(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / size);
  for (let index = offset; index < words.length; index += step) {
    if (((words[index] ?? 0) & mask) === mask) return (index - offset) / step;
  }
  return undefined;
}

/** The word of an element that holds its exponent, and where it is there. */
const BITS = {
  FP16: { Elements: Uint16Array, mask: 0x7c00, step: 1, offset: 0 },
  FP32: { Elements: Int32Array, mask: 0x7f800000, step: 1, offset: 0 },
  FP64: { Elements: Int32Array, mask: 0x7ff00000, step: 2, offset: 1 },
} as const;
