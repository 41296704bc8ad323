import { DomainError } from '@trivium/contracts';
import type { ModelManifest } from '@trivium/contracts/model-manifest';
import { elementCount, type Tensor } from '@trivium/contracts/tensor';
import { filled } from './fill.js';
import type { TensorFacts } from './tensor-task.js';

/** One shape to run before the first request: so many items, each of this cost. */
export interface WarmUpShape {
  readonly items: number;
  readonly length: number;
}

/** Runs of a load are few, or a large batch would keep the first request waiting. */
const MOST_ITEMS = 8;

/**
 * Every shape bucket alone and in company; with sides that never vary the one shape there is. A model that
 * varies and names no buckets is not warmed: a guessed shape may be one that it refuses.
 */
export function warmUpShapes(manifest: ModelManifest, facts: TensorFacts): WarmUpShape[] {
  const { max_batch_size: most, dynamic_batching: batching } = manifest;
  const counts = most > 1 ? [1, 2, Math.min(most, MOST_ITEMS)] : [1];
  const distinct = [...new Set(counts)];
  const { shape_buckets: buckets, cost } = batching;
  if (buckets.length > 0) {
    return buckets.flatMap((length) =>
      distinct
        .filter((items) => items === 1 || items * length <= cost.max_batch_cost)
        .map((items) => ({ items, length })),
    );
  }
  const varies = facts.inputs.some(({ sides }) =>
    sides.some((side, axis) => typeof side !== 'number' && (axis > 0 || most === 0)),
  );
  const strings = manifest.input.some(({ data_type }) => data_type === 'BYTES');
  if (varies || strings) return [];
  const length = fixedCost(manifest);
  return distinct.map((items) => ({ items, length }));
}

/** Ones and halves: ids that every vocabulary has, masks that hide nothing. */
export function warmUpInputs(manifest: ModelManifest, facts: TensorFacts, shape: WarmUpShape): Tensor[] {
  const side = varyingSide(manifest, shape.length);
  return manifest.input.map(({ name, data_type: datatype }) => {
    const sides = facts.inputs.find((one) => one.name === name)?.sides ?? [];
    const dims = sides.map((size, axis) => {
      if (axis === 0 && manifest.max_batch_size > 0) return shape.items;
      return typeof size === 'number' ? size : side;
    });
    const value = datatype.startsWith('FP') ? 0.5 : 1;
    return { name, datatype, shape: dims, data: filled(datatype, elementCount(dims), value) };
  });
}

/** What the sides that vary must be, for the cost input to have so many elements per item. */
function varyingSide({ input, dynamic_batching: batching }: ModelManifest, length: number): number {
  const dims = input.find(({ name }) => name === batching.cost.input)?.dims ?? [];
  const varying = dims.filter((side) => side === -1).length;
  if (varying === 0) return length;
  const fixed = elementCount(dims.filter((side) => side !== -1));
  const side = Math.round((length / fixed) ** (1 / varying));
  if (side ** varying * fixed === length) return side;
  throw new DomainError(
    'model_not_available',
    `model.yaml, dynamic_batching.shape_buckets: '${batching.cost.input}' cannot have ${length} elements per item`,
    { param: 'dynamic_batching.shape_buckets' },
  );
}

function fixedCost({ input, dynamic_batching: batching }: ModelManifest): number {
  const dims = input.find(({ name }) => name === batching.cost.input)?.dims;
  return dims === undefined ? 1 : elementCount(dims);
}
