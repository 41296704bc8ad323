import { DomainError } from '@trivium/contracts';
import { DATATYPE_BYTES, type Datatype, elementCount, type Tensor } from '@trivium/contracts/tensor';
import { decodeModel, type GraphProto, intOf, type ValueInfoProto } from '../graph/onnx-format.js';
import { Scope } from '../graph/scope.js';
import { DATA_TYPE, dataTypeName } from '../graph/tensors.js';
import { Random } from './random.js';

export interface RandomInputOptions {
  readonly seed?: number | undefined;
  /** Value of the first side, where it varies. */
  readonly batch?: number | undefined;
  /** Value of other sides that vary. */
  readonly length?: number | undefined;
}

/** A picture of 8192 by 8192 in colour has 200 million. */
const MOST_ELEMENTS = 2 ** 28;

const DATATYPES: Readonly<Record<number, Datatype>> = {
  [DATA_TYPE.FLOAT]: 'FP32',
  [DATA_TYPE.UINT8]: 'UINT8',
  [DATA_TYPE.INT8]: 'INT8',
  [DATA_TYPE.UINT16]: 'UINT16',
  [DATA_TYPE.INT16]: 'INT16',
  [DATA_TYPE.INT32]: 'INT32',
  [DATA_TYPE.INT64]: 'INT64',
  [DATA_TYPE.STRING]: 'BYTES',
  [DATA_TYPE.BOOL]: 'BOOL',
  [DATA_TYPE.FLOAT16]: 'FP16',
  [DATA_TYPE.DOUBLE]: 'FP64',
  [DATA_TYPE.UINT32]: 'UINT32',
  [DATA_TYPE.UINT64]: 'UINT64',
};

/**
 * Inputs that a model accepts, when nobody has given real ones: floats from a normal distribution, whole
 * numbers below the size of the table that they look up, masks of ones.
 * @throws DomainError `invalid_request` for inputs that are not tensors
 */
export function randomInputs(bytes: Uint8Array, options: RandomInputOptions = {}): Tensor[] {
  const { graph } = decodeModel(bytes);
  const random = new Random(options.seed ?? 1);
  const constants = new Set(graph.initializer.map(({ name }) => name));
  return graph.input
    .filter(({ name }) => !constants.has(name))
    .map((input) => randomInput(graph, input, options, random));
}

function randomInput(
  graph: GraphProto,
  { name, type }: ValueInfoProto,
  { batch = 1, length = 128 }: RandomInputOptions,
  random: Random,
): Tensor {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  const datatype = DATATYPES[elemType];
  if (datatype === undefined || shape === undefined) {
    throw new DomainError(
      'invalid_request',
      `No values can be made for input ${name} (${dataTypeName(elemType)})`,
      {
        param: name,
      },
    );
  }
  const sides = shape.dim.map(({ dimValue = -1 }, index) => {
    if (dimValue > 0) return dimValue;
    return index === 0 && shape.dim.length > 1 ? batch : length;
  });
  if (elementCount(sides) > MOST_ELEMENTS) {
    throw new DomainError('invalid_request', `Input ${name} would have ${elementCount(sides)} elements`, {
      param: name,
    });
  }
  const limit = wholeNumberLimit(graph, name);
  return { name, datatype, shape: sides, data: randomData(datatype, elementCount(sides), limit, random) };
}

function randomData(datatype: Datatype, count: number, limit: number, random: Random): Uint8Array {
  if (datatype === 'BYTES') {
    const words = Array.from({ length: count }, () => Uint8Array.of(1, 0, 0, 0, 97 + random.below(26)));
    return Buffer.concat(words);
  }
  const size = DATATYPE_BYTES[datatype];
  const view = new DataView(new ArrayBuffer(count * size));
  for (let index = 0; index < count; index += 1) {
    if (datatype === 'FP32') view.setFloat32(index * 4, random.normal(), true);
    else if (datatype === 'FP64') view.setFloat64(index * 8, random.normal(), true);
    else if (datatype === 'FP16') view.setFloat16(index * 2, random.normal(), true);
    else putWhole(view, index, size, wholeNumber(limit, datatype, random));
  }
  return new Uint8Array(view.buffer);
}

/** Bytes that look nothing up are pixels; other whole numbers that look nothing up are masks. */
function wholeNumber(limit: number, datatype: Datatype, random: Random): number {
  if (limit > 0) return random.below(limit);
  return datatype === 'UINT8' ? random.below(256) : 1;
}

function putWhole(view: DataView, index: number, bytes: number, value: number): void {
  if (bytes === 1) view.setUint8(index, value);
  else if (bytes === 2) view.setUint16(index * 2, value, true);
  else view.setUint32(index * bytes, value, true); // the upper half of 64 bits stays 0
}

/** Rows of the smallest table that an input looks up; 0: none. */
function wholeNumberLimit(graph: GraphProto, input: string): number {
  const scope = new Scope(graph);
  const rows = graph.node
    .filter(({ opType, input: [, indices] }) => opType === 'Gather' && indices === input)
    .map((node) => scope.constant(node.input[0])?.tensor.dims[intOf(node, 'axis', 0)] ?? 0)
    .filter((count) => count > 0);
  return rows.length === 0 ? 0 : Math.min(...rows);
}
