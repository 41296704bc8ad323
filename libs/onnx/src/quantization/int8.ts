import { attributeOf, intOf, type NodeProto } from '../graph/onnx-format.js';
import { DATA_TYPE, floatsOf, floatTensor, isExternal, tensor } from '../graph/tensors.js';
import { roundColumns, roundRows, transpose } from './rounding.js';
import { castNode, MICROSOFT, named, type Rewrite, type WeightPass, type Weights } from './weight-pass.js';

/** The operator set that has `DynamicQuantizeLinear`. */
const DYNAMIC_QUANTIZATION = 11;

/** Which side of the weights the channels are: the last, the first, or the first and it moves to the end. */
type Layout = 'columns' | 'rows' | 'turned';

/** Names of rounded weights and of their scales. */
interface RoundedWeights {
  readonly values: string;
  readonly scales: string;
}

/** A layer's weights in 8 bits. Weights that several nodes share are rounded once. */
function roundedWeights({ tensor: weights, scope, name }: Weights, layout: Layout): RoundedWeights {
  const values = `${name}.int8.${layout}`;
  const scales = `${values}.scale`;
  if (scope.constant(values) !== undefined) return { values, scales };
  const { dims } = weights;
  const [first = 1, second = 1] = dims;
  const data = floatsOf(weights);
  const rounded =
    layout === 'rows'
      ? roundRows(data, first)
      : layout === 'columns'
        ? roundColumns(data, dims.at(-1) ?? 1)
        : roundColumns(transpose(data, first, second), first);
  scope.add(tensor(values, 'INT8', layout === 'turned' ? [second, first] : dims, rounded.values));
  scope.add(floatTensor(scales, [rounded.scales.length], rounded.scales));
  return { values, scales };
}

/**
 * Dynamic int8: weights are rounded now, one scale per output channel; what they are multiplied with is
 * rounded when it arrives, one scale per value. `MatMulIntegerToFloat` is what ONNX Runtime makes of the
 * standard operators (`MatMulInteger`, `Cast`, `Mul`, `Add`); written directly it cannot fail to be
 * recognised. A rounded value that only one node reads is fused into it, as `DynamicQuantizeMatMul`, when
 * the model is loaded.
 */
export class Int8Pass implements WeightPass {
  readonly operators = new Map<string, (rewrite: Rewrite, node: NodeProto) => boolean>([
    ['MatMul', (rewrite, node) => this.#matMul(rewrite, node)],
    ['Gemm', (rewrite, node) => this.#gemm(rewrite, node)],
    ['Gather', roundEmbedding],
    ['Conv', roundKernel],
  ]);

  constructor(private readonly operatorSet: number) {}

  #matMul(rewrite: Rewrite, node: NodeProto): boolean {
    const weights = rewrite.weightsOf(node, 1, [2]);
    if (weights === undefined) return false;
    const [product = ''] = node.output;
    const add = rewrite.scope.soleConsumerOf(product);
    const other = add?.opType === 'Add' ? add.input.find((name) => name !== product) : undefined;
    const layout = weights.isTurned ? 'turned' : 'columns';
    if (add === undefined || other === undefined || !isBias(rewrite, other, columnsOf(weights, layout))) {
      this.#multiply(rewrite, node, weights, layout, product, '');
      return true;
    }
    rewrite.absorb(add);
    this.#multiply(rewrite, node, weights, layout, add.output[0] ?? '', other);
    return true;
  }

  #gemm(rewrite: Rewrite, node: NodeProto): boolean {
    const weights = rewrite.weightsOf(node, 1, [2]);
    if (weights === undefined) return false;
    const layout = (intOf(node, 'transB', 0) !== 0) === weights.isTurned ? 'columns' : 'turned';
    const [, , bias = ''] = node.input;
    const factors = [attributeOf(node, 'alpha')?.f ?? 1, attributeOf(node, 'beta')?.f ?? 1];
    if (intOf(node, 'transA', 0) !== 0 || factors.some((factor) => factor !== 1)) {
      return rewrite.keep(node, 'it scales or turns what it multiplies');
    }
    if (bias !== '' && !isBias(rewrite, bias, columnsOf(weights, layout))) {
      return rewrite.keep(node, 'what it adds is not one constant per column');
    }
    this.#multiply(rewrite, node, weights, layout, node.output[0] ?? '', bias);
    return true;
  }

  #multiply(
    rewrite: Rewrite,
    node: NodeProto,
    weights: Weights,
    layout: Layout,
    output: string,
    bias: string,
  ): void {
    const [input = ''] = node.input;
    const { values, scales } = roundedWeights(weights, layout);
    const common = { ...named(node), domain: MICROSOFT, output: [output], attribute: [] };
    if (this.operatorSet < DYNAMIC_QUANTIZATION) {
      rewrite.emit({ ...common, opType: 'DynamicQuantizeMatMul', input: [input, values, scales, '', bias] });
      rewrite.change(node, 'DynamicQuantizeMatMul');
      return;
    }
    const rounded = rewrite.local(`${input}.uint8`);
    const outputs = [rounded, `${rounded}.scale`, `${rounded}.zero_point`];
    const [, scale = '', zeroPoint = ''] = outputs;
    // Queries, keys and values read the same input, which is rounded once for all of them.
    rewrite.emitOnce({
      name: `${rounded}/DynamicQuantizeLinear`,
      opType: 'DynamicQuantizeLinear',
      input: [input],
      output: outputs,
      attribute: [],
    });
    rewrite.emit({
      ...common,
      opType: 'MatMulIntegerToFloat',
      input: [rounded, values, scale, scales, zeroPoint, '', bias],
    });
    rewrite.change(node, 'DynamicQuantizeLinear + MatMulIntegerToFloat');
  }
}

const columnsOf = ({ tensor: { dims } }: Weights, layout: Layout): number | undefined =>
  dims[layout === 'turned' ? 0 : 1];

function isBias({ scope }: Rewrite, name: string, columns: number | undefined): boolean {
  const bias = scope.constant(name)?.tensor;
  if (bias?.dataType !== DATA_TYPE.FLOAT || isExternal(bias)) return false;
  return bias.dims.length === 1 && bias.dims[0] === columns;
}

/**
 * Rows of an embedding table are looked up as int8, one scale per column; only those become floats.
 * (Trained tables have columns that are loud in every row, and no such rows.)
 */
export function roundEmbedding(rewrite: Rewrite, node: NodeProto): boolean {
  if (intOf(node, 'axis', 0) !== 0) return false;
  const weights = rewrite.weightsOf(node, 0, [2]);
  if (weights === undefined) return false;
  if (weights.isTurned) return rewrite.keep(node, 'it looks up columns');
  const [, indices = ''] = node.input;
  const [output = ''] = node.output;
  const { values, scales } = roundedWeights(weights, 'columns');
  const row = `${output}.int8`;
  rewrite.emit(
    { ...node, input: [values, indices], output: [row] },
    castNode(row, `${row}.whole`, DATA_TYPE.FLOAT),
    { name: `${row}/Mul`, opType: 'Mul', input: [`${row}.whole`, scales], output: [output], attribute: [] },
  );
  rewrite.change(node, 'Gather + Cast + Mul');
  return true;
}

/**
 * Kernels are int8 in the file and floats again once loaded (both steps are constant and ONNX Runtime
 * folds them). Integer convolution on a CPU is slower than its blocked float32 kernels.
 */
function roundKernel(rewrite: Rewrite, node: NodeProto): boolean {
  const weights = rewrite.weightsOf(node, 1, [3, 4, 5]);
  if (weights === undefined) return false;
  const [input = '', , ...bias] = node.input;
  const { values, scales } = roundedWeights(weights, 'rows');
  const byChannel = `${scales}.by_channel`;
  const scale = weights.scope.constant(scales);
  if (scale !== undefined && weights.scope.constant(byChannel) === undefined) {
    const dims = weights.tensor.dims.map((side, index) => (index === 0 ? side : 1));
    weights.scope.add({ ...scale.tensor, name: byChannel, dims });
  }
  const kernel = rewrite.local(`${values}.kernel`);
  rewrite.emitOnce(castNode(values, `${kernel}.whole`, DATA_TYPE.FLOAT));
  rewrite.emitOnce({
    name: `${kernel}/Mul`,
    opType: 'Mul',
    input: [`${kernel}.whole`, byChannel],
    output: [kernel],
    attribute: [],
  });
  rewrite.emit({ ...node, input: [input, kernel, ...bias] });
  rewrite.change(node, 'Cast + Mul + Conv');
  return true;
}
