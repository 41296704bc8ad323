import type { Weight } from './weight-file.js';

/** Of a convolution, as ONNX lays them out: output channel, input channel of the group, row, column. */
export interface Filters {
  readonly dims: readonly [outputs: number, inputs: number, rows: number, columns: number];
  readonly values: Float32Array;
}

/** From row, column, input, output. */
export function filtersOf({ shape, values }: Weight): Filters {
  const [rows = 0, columns = 0, inputs = 0, outputs = 0] = shape;
  const turned = new Float32Array(values.length);
  let from = 0;
  for (let place = 0; place < rows * columns; place += 1)
    for (let input = 0; input < inputs; input += 1)
      for (let output = 0; output < outputs; output += 1, from += 1)
        turned[(output * inputs + input) * rows * columns + place] = values[from] ?? 0;
  return { dims: [outputs, inputs, rows, columns], values: turned };
}

/** From row, column, channel, 1: each channel has a filter of its own. */
export function depthwiseFiltersOf({ shape, values }: Weight): Filters {
  const [rows = 0, columns = 0, channels = 0] = shape;
  return filtersOf({ shape: [rows, columns, 1, channels], values });
}

/** The filters of a convolution whose outputs are multiplied, each channel by its factor. */
export function scaled({ dims, values }: Filters, factors: Float32Array): Filters {
  const each = values.length / dims[0];
  const product = new Float32Array(values.length);
  for (const [output, factor] of factors.entries())
    for (let at = output * each; at < (output + 1) * each; at += 1) product[at] = (values[at] ?? 0) * factor;
  return { dims, values: product };
}
