import { int64Tensor } from '../graph/tensors.js';
import type { DecoderShape } from './decoder-model.js';
import type { GraphBuilder } from './graph-builder.js';

/** What an attention score loses where a key may not be seen; finite in half precision too, so that padding rows stay numbers. */
const MASKED = -10_000;
export const NORM_EPSILON = 1e-6;

/** What all layers of the `concat` form share. */
export interface KeyRange {
  /** Cosines and sines at `position_ids`, [batch, sequence, 1, width / 2]. */
  readonly cos: string;
  readonly sin: string;
  /** 0 or far below, [batch, 1, 1, sequence, total]. */
  readonly bias: string;
}

export interface AttentionValues {
  readonly at: string;
  /** Queries, keys and values side by side. */
  readonly packed: string;
  readonly past: readonly string[];
  readonly present: readonly string[];
  readonly range: KeyRange;
}

/** Rotation and mask from `position_ids`, `attention_mask` and the caches of cosines and sines. */
export function keyRange(graph: GraphBuilder, positions: string): KeyRange {
  const zero = graph.scalar('hidden_none', 0);
  const masked = graph.scalar('masked', MASKED);
  // Named, so that they can be excluded from quantization.
  const turn = (cache: string): string =>
    graph.node('Unsqueeze', [
      graph.node('Gather', [cache, positions], { name: `${cache}/Gather` }),
      graph.integers(`${cache}.axis`, 2),
    ]);
  const second = integerScalar(graph, 'second_side', 1);
  const length = (input: string): string =>
    graph.node('Gather', [graph.node('Shape', [input]), second], { attributes: { axis: 0 } });
  const total = length('attention_mask');
  const first = graph.node('Sub', [total, length('input_ids')]);
  const step = integerScalar(graph, 'range_step', 1);
  const keys = graph.node('Range', [integerScalar(graph, 'range_start', 0), total, step]);
  const queries = graph.node('Unsqueeze', [
    graph.node('Range', [first, total, step]),
    graph.integers('query_axis', 1),
  ]);
  const later = graph.node('Greater', [keys, queries]);
  const padding = graph.node('Unsqueeze', [
    graph.node('Not', [graph.node('Cast', ['attention_mask'], { attributes: { to: 9 } })]),
    graph.integers('padding_axes', 1, 2, 3),
  ]);
  const hidden = graph.node('Or', [later, padding]);
  return {
    cos: turn('cos_cache'),
    sin: turn('sin_cache'),
    bias: graph.node('Where', [hidden, masked, zero]),
  };
}

/** Grouped-query attention in standard operators; [batch, sequence, hidden]. */
export function concatAttention(graph: GraphBuilder, shape: DecoderShape, values: AttentionValues): string {
  const { at, packed, past, present, range } = values;
  const { hidden, heads, kvHeads } = shape;
  const width = hidden / heads;
  const keyWidth = kvHeads * width;
  const roles = ['query', 'key', 'value'].map((role) => `${at}.${role}`);
  const [query = '', key = '', value = ''] = roles;
  graph.node('Split', [packed, graph.integers(`${at}.split`, hidden, keyWidth, keyWidth)], {
    outputs: roles,
    attributes: { axis: -1 },
  });
  const byHead = (input: string, count: number): string =>
    graph.node('Reshape', [input, graph.integers(`${input}.by_head`, 0, 0, count, width)]);
  const extend = (index: number, input: string): string => {
    const turned = graph.node('Transpose', [input], { attributes: { perm: [0, 2, 1, 3] } });
    const whole = graph.node('Concat', [past[index] ?? '', turned], {
      outputs: present.slice(index, index + 1),
      attributes: { axis: 2 },
    });
    return graph.node('Unsqueeze', [whole, graph.integers(`${input}.group_axis`, 2)]);
  };
  const grouped = graph.node('Reshape', [
    rotate(graph, byHead(query, heads), range),
    graph.integers(`${at}.by_group`, 0, 0, kvHeads, heads / kvHeads, width),
  ]);
  const queries = graph.node('Transpose', [grouped], { attributes: { perm: [0, 2, 3, 1, 4] } });
  const keys = graph.node('Transpose', [extend(0, rotate(graph, byHead(key, kvHeads), range))], {
    attributes: { perm: [0, 1, 2, 4, 3] },
  });
  const scores = graph.node('Mul', [
    graph.node('MatMul', [queries, keys]),
    graph.scalar(`${at}.scale`, width ** -0.5),
  ]);
  const attention = graph.node('Softmax', [graph.node('Add', [scores, range.bias])], {
    attributes: { axis: -1 },
  });
  const mixed = graph.node('MatMul', [attention, extend(1, byHead(value, kvHeads))]);
  const joined = graph.node('Transpose', [mixed], { attributes: { perm: [0, 3, 1, 2, 4] } });
  return graph.node('Reshape', [joined, graph.integers(`${at}.joined`, 0, 0, hidden)]);
}

/** Root mean square normalization over the last side. */
export function rootMeanSquare(graph: GraphBuilder, input: string, scale: string): string {
  const square = graph.node('Mul', [input, input]);
  const mean = graph.node('ReduceMean', [square], { attributes: { axes: [-1], keepdims: 1 } });
  const root = graph.node('Sqrt', [
    graph.node('Add', [mean, graph.scalar(`${scale}.epsilon`, NORM_EPSILON)]),
  ]);
  return graph.node('Mul', [graph.node('Div', [input, root]), scale]);
}

/** Rotary positions, the two halves of a head as pairs (not interleaved). */
function rotate(graph: GraphBuilder, input: string, { cos, sin }: KeyRange): string {
  const [low, high] = [`${input}.low`, `${input}.high`];
  graph.node('Split', [input], { outputs: [low, high], attributes: { axis: -1 } });
  const left = graph.node('Sub', [graph.node('Mul', [low, cos]), graph.node('Mul', [high, sin])]);
  const right = graph.node('Add', [graph.node('Mul', [high, cos]), graph.node('Mul', [low, sin])]);
  return graph.node('Concat', [left, right], { attributes: { axis: -1 } });
}

/** A whole number without sides. */
export function integerScalar(graph: GraphBuilder, name: string, value: number): string {
  return graph.constant(int64Tensor(name, [], [value]));
}
