import { DomainError } from '@trivium/contracts';
import type { InputSpec } from '@trivium/contracts/model-manifest';
import { DATATYPE_BYTES, elementCount, type Tensor } from '@trivium/contracts/tensor';
import { filled } from './fill.js';
import type { TensorMetadata, TensorTask } from './tensor-task.js';

/** Where the tasks lie in a batch. */
export interface BatchLayout {
  /** Items of each task, in order. */
  readonly items: readonly number[];
  /** For each task the sizes of the sides that vary, by symbol. */
  readonly sizes: readonly ReadonlyMap<string, number>[];
}

/**
 * One tensor per input for all tasks: joined along the batch side, shorter ones filled up with the input's
 * padding value where sides differ. A single task is passed on as it is.
 */
export function joinTasks(
  tasks: readonly TensorTask[],
  specs: readonly InputSpec[],
  metadata: readonly TensorMetadata[],
): { readonly feeds: readonly Tensor[]; readonly layout: BatchLayout } {
  const items = tasks.map(({ inputs }) => inputs[0]?.shape[0] ?? 1);
  const sizes = tasks.map(({ inputs }) => sizesOf(inputs, metadata));
  const [only] = tasks;
  if (tasks.length === 1 && only !== undefined) return { feeds: only.inputs, layout: { items, sizes } };
  const feeds = specs.map((spec) => {
    const members = tasks.map(({ inputs }) => {
      const tensor = inputs.find(({ name }) => name === spec.name);
      if (tensor === undefined) throw new TypeError(`A task came without '${spec.name}', past its check`);
      return tensor;
    });
    return join(members, spec);
  });
  return { feeds, layout: { items, sizes } };
}

/** The rows of every task, cut back to its own sizes. Throws when an output is not there per item. */
export function splitOutputs(
  outputs: readonly Tensor[],
  layout: BatchLayout,
  metadata: readonly TensorMetadata[],
): Tensor[][] {
  if (layout.items.length === 1) return [[...outputs]];
  const total = layout.items.reduce((sum, count) => sum + count, 0);
  let from = 0;
  return layout.items.map((count, task) => {
    const parts = outputs.map((output) => {
      if (output.shape[0] !== total) {
        throw new DomainError(
          'model_not_available',
          `The output '${output.name}' has no batch side: [${output.shape.join(', ')}] for ${total} items; set max_batch_size to 0`,
          { param: 'max_batch_size' },
        );
      }
      const rows = rowsOf(output, from, count);
      return trim(rows, wanted(rows, layout.sizes[task], metadata));
    });
    from += count;
    return parts;
  });
}

function sizesOf(inputs: readonly Tensor[], metadata: readonly TensorMetadata[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { name, shape } of inputs) {
    const sides = metadata.find((one) => one.name === name)?.sides ?? [];
    sides.forEach((side, axis) => {
      const size = shape[axis];
      if (axis > 0 && typeof side === 'string' && side !== '' && size !== undefined) sizes.set(side, size);
    });
  }
  return sizes;
}

function join(members: readonly Tensor[], spec: InputSpec): Tensor {
  const [first] = members;
  if (first === undefined) throw new TypeError('A batch without members');
  const sides = first.shape.map((_, axis) =>
    axis === 0
      ? members.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0)
      : Math.max(...members.map(({ shape }) => shape[axis] ?? 0)),
  );
  const { name, datatype } = first;
  const even = members.every(({ shape }) => shape.every((side, axis) => axis === 0 || side === sides[axis]));
  if (even) return { name, datatype, shape: sides, data: Buffer.concat(members.map(({ data }) => data)) };
  const data = filled(datatype, elementCount(sides), spec.padding_value ?? 0);
  let row = 0;
  const rowBytes = elementCount(sides.slice(1)) * widthOf(datatype);
  for (const member of members) {
    copyInto(member, data, sides, row * rowBytes);
    row += member.shape[0] ?? 0;
  }
  return { name, datatype, shape: sides, data };
}

function rowsOf({ name, datatype, shape, data }: Tensor, from: number, count: number): Tensor {
  const own = [count, ...shape.slice(1)];
  if (datatype === 'BYTES') {
    const rowElements = elementCount(shape.slice(1));
    const start = endOfStrings(data, 0, from * rowElements);
    const end = endOfStrings(data, start, count * rowElements);
    return { name, datatype, shape: own, data: data.subarray(start, end) };
  }
  const rowBytes = elementCount(shape.slice(1)) * widthOf(datatype);
  return { name, datatype, shape: own, data: data.subarray(from * rowBytes, (from + count) * rowBytes) };
}

function endOfStrings(data: Uint8Array, from: number, count: number): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let offset = from;
  for (let index = 0; index < count; index += 1) offset += 4 + view.getUint32(offset, true);
  return offset;
}

/** The sides that an output of this task has without its neighbours. */
function wanted(
  { name, shape }: Tensor,
  sizes: ReadonlyMap<string, number> | undefined,
  metadata: readonly TensorMetadata[],
): readonly number[] {
  const sides = metadata.find((one) => one.name === name)?.sides ?? [];
  return shape.map((size, axis) => {
    const side = sides[axis];
    const own = axis > 0 && typeof side === 'string' ? sizes?.get(side) : undefined;
    return own === undefined ? size : Math.min(own, size);
  });
}

function trim(tensor: Tensor, sides: readonly number[]): Tensor {
  if (sides.every((side, axis) => side === tensor.shape[axis])) return tensor;
  const { name, datatype } = tensor;
  const data = new Uint8Array(elementCount(sides) * widthOf(datatype));
  copyInto(tensor, data, sides, 0);
  return { name, datatype, shape: sides, data };
}

/** Copies what the two have in common, run by run along the last side. */
function copyInto(from: Tensor, to: Uint8Array, toShape: readonly number[], toOffset: number): void {
  const width = widthOf(from.datatype);
  const last = from.shape.length - 1;
  const runBytes = Math.min(from.shape[last] ?? 1, toShape[last] ?? 1) * width;
  const copy = (axis: number, source: number, target: number): void => {
    if (axis >= last) {
      to.set(from.data.subarray(source * width, source * width + runBytes), toOffset + target * width);
      return;
    }
    const sourceStep = elementCount(from.shape.slice(axis + 1));
    const targetStep = elementCount(toShape.slice(axis + 1));
    const count = Math.min(from.shape[axis] ?? 0, axis === 0 ? (from.shape[0] ?? 0) : (toShape[axis] ?? 0));
    for (let index = 0; index < count; index += 1) {
      copy(axis + 1, source + index * sourceStep, target + index * targetStep);
    }
  };
  copy(0, 0, 0);
}

function widthOf(datatype: Tensor['datatype']): number {
  const width = DATATYPE_BYTES[datatype];
  if (width === undefined) throw new TypeError('Elements of BYTES have no common width');
  return width;
}
