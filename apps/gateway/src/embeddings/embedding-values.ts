/** Of numbers below 1, so many decimals name almost every float32 exactly. */
const SCALE = 1e10;

/**
 * Values for JSON from the bytes of little-endian float32, each the shorter number where two mean the same
 * float32: written as they are, single-precision values have seventeen digits, of which eight are noise.
 */
export function embeddingValues(bytes: Uint8Array): number[] {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  const floats = new Float32Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / 4);
  const values = new Array<number>(floats.length);
  for (let index = 0; index < floats.length; index += 1) {
    const value = floats[index] ?? 0;
    const short = Math.round(value * SCALE) / SCALE;
    values[index] = Math.fround(short) === value ? short : value;
  }
  return values;
}

/** The same as text; what the official clients ask for unless they are told otherwise. */
export function embeddingText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
