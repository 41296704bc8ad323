/** Bytes of little-endian float32 values as such; copied only where they do not lie on a border of four. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / 4);
}

/**
 * The first `target.length` values of `source`, brought to length 1, written into `target`. A vector of zeros
 * stays one. Models trained for it (Matryoshka) keep their meaning in fewer values.
 */
export function writeUnit(source: Float32Array, target: Float32Array): void {
  let sum = 0;
  for (let index = 0; index < target.length; index += 1) sum += (source[index] ?? 0) ** 2;
  const scale = sum === 0 ? 0 : 1 / Math.sqrt(sum);
  for (let index = 0; index < target.length; index += 1) target[index] = (source[index] ?? 0) * scale;
}

/** Cosine of two vectors of length 1. */
export function cosine(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
