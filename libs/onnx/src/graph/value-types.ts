import { attributeOf, type GraphProto, intOf, type NodeProto, subgraphsOf } from './onnx-format.js';
import { DATA_TYPE } from './tensors.js';

const { FLOAT, BOOL, INT32, INT64, UINT8 } = DATA_TYPE;
const NOT_KNOWN = DATA_TYPE.STRING; // not float is all that is asked of it

/** Element types that do not follow from the inputs. */
const FIXED: Readonly<Record<string, readonly number[]>> = {
  Equal: [BOOL],
  Greater: [BOOL],
  GreaterOrEqual: [BOOL],
  Less: [BOOL],
  LessOrEqual: [BOOL],
  And: [BOOL],
  Or: [BOOL],
  Xor: [BOOL],
  Not: [BOOL],
  IsNaN: [BOOL],
  IsInf: [BOOL],
  Shape: [INT64],
  Size: [INT64],
  ArgMax: [INT64],
  ArgMin: [INT64],
  NonZero: [INT64],
  NonMaxSuppression: [INT64],
  Multinomial: [INT32],
  MatMulInteger: [INT32],
  ConvInteger: [INT32],
  QuantizeLinear: [UINT8],
  DynamicQuantizeLinear: [UINT8, FLOAT, UINT8],
  QLinearConv: [UINT8],
  QLinearMatMul: [UINT8],
  StringNormalizer: [NOT_KNOWN],
  RegexFullMatch: [BOOL],
};

/** The input that the outputs' type is taken from, where it is not the first. */
const FOLLOWED: Readonly<Record<string, number>> = {
  Where: 1,
  OneHot: 2,
  CastLike: 1,
  DequantizeLinear: 1,
  GroupQueryAttention: 0,
  MatMulIntegerToFloat: 2,
};

/** Operators whose later outputs are indices or masks. */
const INTEGER_TAILS = new Set(['TopK', 'MaxPool', 'Unique']);

/**
 * Element type of every output of a node, from those of its inputs; `typeOf` answers nothing for values
 * that are not tensors. Nodes with graphs inside take the types that those graphs declare.
 */
export function outputTypes(
  node: NodeProto,
  typeOf: (value: string) => number | undefined,
): readonly (number | undefined)[] {
  const { opType, input, output } = node;
  const fixed = FIXED[opType];
  if (fixed !== undefined) return output.map((_, index) => fixed[index]);
  const [inner] = subgraphsOf(node);
  if (inner !== undefined) return innerTypes(node, inner);
  switch (opType) {
    case 'Cast':
      return [intOf(node, 'to', FLOAT)];
    case 'Constant':
      return [constantType(node)];
    case 'ConstantOfShape':
      return [attributeOf(node, 'value')?.t?.dataType ?? FLOAT];
    case 'RandomNormal':
    case 'RandomUniform':
    case 'EyeLike':
    case 'Bernoulli':
      return [intOf(node, 'dtype', FLOAT)];
    default:
  }
  const followed = typeOf(input[FOLLOWED[opType] ?? 0] ?? '');
  if (INTEGER_TAILS.has(opType)) return output.map((_, index) => (index === 0 ? followed : INT64));
  if (opType === 'Dropout') return [followed, BOOL];
  return output.map(() => followed);
}

function constantType(node: NodeProto): number | undefined {
  if (attributeOf(node, 'value_float') ?? attributeOf(node, 'value_floats')) return FLOAT;
  if (attributeOf(node, 'value_int') ?? attributeOf(node, 'value_ints')) return INT64;
  return attributeOf(node, 'value')?.t?.dataType;
}

/** `Loop`'s body answers whether to go on before all else. */
function innerTypes({ opType, output }: NodeProto, inner: GraphProto): (number | undefined)[] {
  const first = opType === 'Loop' ? 1 : 0;
  return output.map((_, index) => inner.output[index + first]?.type?.tensorType?.elemType);
}
