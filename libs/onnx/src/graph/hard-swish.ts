import { affineOf } from './affine.js';
import type { GraphEditor } from './graph-editor.js';
import { attributeOf, type NodeProto } from './onnx-format.js';

/** Converters write `1 / 6` as division by six. */
const SIXTH = 1 / 6;

/**
 * `x * clip(x + 3, 0, 6) / 6`, written out as four nodes by converters that know no such activation,
 * becomes `x * HardSigmoid(x)`, which ONNX Runtime fuses into the convolution before it.
 */
export function collapseHardSwish(graph: GraphEditor, clip: NodeProto): boolean {
  if (clip.opType !== 'Clip' || !clipsZeroToSix(graph, clip)) return false;
  const shift = graph.producerOf(clip.input[0] ?? '');
  const shifted = shift === undefined ? undefined : affineOf(graph, shift);
  if (shift === undefined || shifted?.factor !== 1 || shifted.offset !== 3) return false;
  if (graph.soleConsumerOf(shift.output[0] ?? '') !== clip) return false;

  const product = graph.soleConsumerOf(clip.output[0] ?? '');
  if (product?.opType !== 'Mul' || !product.input.includes(shifted.value)) return false;
  const division = graph.soleConsumerOf(product.output[0] ?? '');
  const divided = division === undefined ? undefined : affineOf(graph, division);
  if (division === undefined || divided === undefined || divided.offset !== 0) return false;
  if (Math.abs(divided.factor - SIXTH) > 1e-6) return false;

  clip.opType = 'HardSigmoid';
  clip.input = [shifted.value];
  clip.attribute = [
    { name: 'alpha', type: 1, f: SIXTH },
    { name: 'beta', type: 1, f: 0.5 },
  ];
  product.output = division.output;
  graph.remove(shift, division);
  return true;
}

/** Bounds are attributes up to operator set 10 and inputs from 11 on. */
function clipsZeroToSix(graph: GraphEditor, clip: NodeProto): boolean {
  const low =
    clip.input.length > 1 ? graph.scalar(clip.input[1]) : (attributeOf(clip, 'min')?.f ?? Number.NaN);
  const high =
    clip.input.length > 1 ? graph.scalar(clip.input[2]) : (attributeOf(clip, 'max')?.f ?? Number.NaN);
  return low === 0 && high === 6;
}
