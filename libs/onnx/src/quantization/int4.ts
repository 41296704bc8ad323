import { ATTRIBUTE_TYPE, type AttributeProto, type NodeProto } from '../graph/onnx-format.js';
import { floatsOf, floatTensor, tensor } from '../graph/tensors.js';
import { roundEmbedding } from './int8.js';
import { roundBlocks, transpose } from './rounding.js';
import { MICROSOFT, named, type Rewrite, type WeightPass } from './weight-pass.js';

/** Weights that share a scale. 32 is the block of llama.cpp's Q4_0, and the smallest that loses no speed. */
const BLOCK = 32;
/** What is multiplied is rounded to 8 bits, which is what ONNX Runtime has VNNI kernels for. */
const INT8_ACCURACY = 4;

/**
 * Weights in 4 bits, a scale for every 32 (`MatMulNBits`). For decoding one sequence at a time, which
 * reads all weights for every token and is as fast as memory; in batches int8 is faster.
 */
export class Int4Pass implements WeightPass {
  readonly operators = new Map<string, (rewrite: Rewrite, node: NodeProto) => boolean>([
    ['MatMul', (rewrite, node) => this.#matMul(rewrite, node)],
    ['Gather', roundEmbedding],
  ]);

  constructor(private readonly isSymmetric: boolean) {}

  #matMul(rewrite: Rewrite, node: NodeProto): boolean {
    const weights = rewrite.weightsOf(node, 1, [2]);
    if (weights === undefined) return false;
    const [input = ''] = node.input;
    const { scope, isTurned, name } = weights;
    const [first = 1, second = 1] = weights.tensor.dims;
    const [rows, columns] = isTurned ? [second, first] : [first, second];
    const values = `${name}.int4${isTurned ? '.turned' : ''}`;
    if (scope.constant(values) === undefined) {
      const floats = floatsOf(weights.tensor);
      const matrix = isTurned ? transpose(floats, first, second) : floats;
      const rounded = roundBlocks(matrix, rows, columns, BLOCK, this.isSymmetric);
      const blocks = Math.ceil(rows / BLOCK);
      scope.add(tensor(values, 'UINT8', [columns, blocks, BLOCK / 2], rounded.values));
      scope.add(floatTensor(`${values}.scale`, [columns * blocks], rounded.scales));
      if (rounded.zeroPoints !== undefined) {
        scope.add(tensor(`${values}.zero_point`, 'UINT8', [rounded.zeroPoints.length], rounded.zeroPoints));
      }
    }
    rewrite.emit({
      ...named(node),
      opType: 'MatMulNBits',
      domain: MICROSOFT,
      input: [input, values, `${values}.scale`, ...(this.isSymmetric ? [] : [`${values}.zero_point`])],
      output: node.output,
      attribute: [
        int('K', rows),
        int('N', columns),
        int('bits', 4),
        int('block_size', BLOCK),
        int('accuracy_level', INT8_ACCURACY),
      ],
    });
    rewrite.change(node, 'MatMulNBits');
    return true;
  }
}

const int = (name: string, i: number): AttributeProto => ({ name, type: ATTRIBUTE_TYPE.INT, i });
