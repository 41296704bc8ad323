import { z } from 'zod';

/** One tensor as TensorFlow.js lays it out: the last side varies fastest. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The tensors of one network, by the name that its publisher gave them. */
export type Weights = (name: string) => Weight;

/** `tfjs` calls the format a weights manifest: tensors one after the other in one file of bytes. */
const WeightsManifest = z
  .array(
    z.object({
      paths: z.array(z.string()).length(1),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.int().nonnegative()),
          dtype: z.enum(['float32', 'int32']),
          /** Each value is `byte * scale + min`. */
          quantization: z
            .object({ dtype: z.literal('uint8'), scale: z.number(), min: z.number() })
            .optional(),
        }),
      ),
    }),
  )
  .length(1);

/** Throws `TypeError` when the bytes are not those that the manifest describes. */
export function readWeights(manifest: Uint8Array, bytes: Uint8Array): Weights {
  const [group] = WeightsManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = new Map<string, Weight>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of group?.weights ?? []) {
    const length = shape.reduce((product, side) => product * side, 1);
    const size = quantization === undefined ? 4 : 1;
    if (at + length * size > bytes.length) throw new TypeError(`The weights end before ${name}`);
    const values = new Float32Array(length);
    if (quantization === undefined) {
      for (let index = 0; index < length; index += 1) {
        const place = at + index * size;
        values[index] = dtype === 'int32' ? view.getInt32(place, true) : view.getFloat32(place, true);
      }
    } else {
      const { scale, min } = quantization;
      for (let index = 0; index < length; index += 1) values[index] = (bytes[at + index] ?? 0) * scale + min;
    }
    at += length * size;
    known.set(name, { shape, values });
  }
  if (at !== bytes.length) throw new TypeError(`The weights hold ${bytes.length - at} bytes too many`);
  return (name) => {
    const weight = known.get(name);
    if (weight === undefined) throw new TypeError(`There is no weight ${name}`);
    return weight;
  };
}
