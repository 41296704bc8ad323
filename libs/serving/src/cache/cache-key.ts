import { createHash } from 'node:crypto';
import type { Tensor } from '@trivium/contracts/tensor';

export interface CacheKeyFields {
  readonly tenant: string;
  /** SHA-256 of the model's files: another model under the same name has other answers. */
  readonly modelDigest: string;
  readonly version: string;
  readonly variant: string;
  /** Changes whenever code before or after the model would change the answer. */
  readonly preprocessing: string;
  readonly inputs: readonly Tensor[];
  /** As requested; absent: all. */
  readonly outputs?: readonly string[] | undefined;
}

const FORMAT = 'trivium-response-1';

/**
 * SHA-256 in hex of everything that an answer depends on. Every field stands behind its length and
 * every list behind its count, so no two sets of fields write the same bytes. The order of inputs does not matter.
 */
export function cacheKey(fields: CacheKeyFields): string {
  const hash = createHash('sha256');
  const number = (value: number): void => {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeDoubleLE(value);
    hash.update(bytes);
  };
  const bytes = (value: Uint8Array): void => {
    number(value.byteLength);
    hash.update(value);
  };
  const text = (value: string): void => bytes(Buffer.from(value, 'utf8'));

  text(FORMAT);
  text(fields.tenant);
  text(fields.modelDigest);
  text(fields.version);
  text(fields.variant);
  text(fields.preprocessing);
  const inputs = [...fields.inputs].sort((one, other) => (one.name < other.name ? -1 : 1));
  number(inputs.length);
  for (const { name, datatype, shape, data } of inputs) {
    text(name);
    text(datatype);
    number(shape.length);
    shape.forEach(number);
    bytes(data);
  }
  number(fields.outputs === undefined ? -1 : fields.outputs.length);
  fields.outputs?.forEach(text);
  return hash.digest('hex');
}
