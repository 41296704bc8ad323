import type { DataTypeName } from '../graph/tensors.js';
import { GraphBuilder, type SyntheticModel } from './graph-builder.js';

/** `y = x`, one varying side behind the batch. */
export function identityModel(type: DataTypeName = 'FLOAT'): SyntheticModel {
  const graph = new GraphBuilder('identity');
  graph.input('x', type, ['batch', 'length']);
  graph.output('y', type, ['batch', 'length']);
  graph.node('Identity', ['x'], { outputs: ['y'] });
  return graph.model({ batch: 64 });
}

/** `sum = a + b`, four floats each. */
export function addModel(): SyntheticModel {
  const graph = new GraphBuilder('add');
  graph.input('a', 'FLOAT', ['batch', 4]);
  graph.input('b', 'FLOAT', ['batch', 4]);
  graph.output('sum', 'FLOAT', ['batch', 4]);
  graph.node('Add', ['a', 'b'], { outputs: ['sum'] });
  return graph.model({ batch: 64 });
}

/** Half-precision input and output; the arithmetic between is float32. */
export function halfPrecisionModel(): SyntheticModel {
  const graph = new GraphBuilder('half-precision', 3);
  graph.input('x', 'FLOAT16', ['batch', 8]);
  graph.output('y', 'FLOAT16', ['batch', 8]);
  const wide = graph.node('Cast', ['x'], { attributes: { to: 1 } });
  graph.node('Cast', [graph.linear('dense', wide, 8, 8)], { outputs: ['y'], attributes: { to: 10 } });
  return graph.model({ batch: 16 });
}

/** Strings in, upper case out; one side, no batch. */
export function upperCaseModel(): SyntheticModel {
  const graph = new GraphBuilder('upper-case');
  graph.input('text', 'STRING', ['items']);
  graph.output('upper', 'STRING', ['items']);
  graph.node('StringNormalizer', ['text'], {
    outputs: ['upper'],
    attributes: { case_change_action: 'UPPER', locale: 'C' },
  });
  return graph.model();
}

/** Two dense layers: `features` [batch, 16] to `scores` [batch, 4] that add up to one. */
export function denseClassifier({ hidden = 32, seed = 5 } = {}): SyntheticModel {
  const graph = new GraphBuilder('dense-classifier', seed);
  graph.input('features', 'FLOAT', ['batch', 16]);
  graph.output('scores', 'FLOAT', ['batch', 4]);
  const middle = graph.node('Relu', [graph.linear('hidden', 'features', 16, hidden)]);
  const weight = graph.weights('classes.weight', [4, hidden], 1);
  const scores = graph.node('Gemm', [middle, weight, graph.weights('classes.bias', [4], 1)], {
    name: 'classes/Gemm',
    attributes: { transB: 1 },
  });
  graph.node('Softmax', [scores], { outputs: ['scores'], attributes: { axis: -1 } });
  return graph.model({ batch: 64 });
}

/** Two convolutions over `image` [batch, 3, 32, width]; classes as `scores` [batch, 10]. */
export function convClassifier({ channels = 16, seed = 7 } = {}): SyntheticModel {
  const graph = new GraphBuilder('conv-classifier', seed);
  graph.input('image', 'FLOAT', ['batch', 3, 32, 'width']);
  graph.output('scores', 'FLOAT', ['batch', 10]);
  const convolve = (name: string, input: string, from: number, to: number, stride: number): string => {
    const weight = graph.weights(`${name}.weight`, [to, from, 3, 3], Math.sqrt(2 / (from * 9)));
    const map = graph.node('Conv', [input, weight, graph.weights(`${name}.bias`, [to], 0.1)], {
      name: `${name}/Conv`,
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride] },
    });
    return graph.node('Relu', [map]);
  };
  const first = convolve('first', 'image', 3, channels, 2);
  const second = convolve('second', first, channels, channels * 2, 2);
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [second])]);
  const scores = graph.linear('classes', pooled, channels * 2, 10, 1);
  graph.node('Softmax', [scores], { outputs: ['scores'], attributes: { axis: -1 } });
  return graph.model({ batch: 16 });
}

/**
 * As slow as the caller says: `y` is `x` after `rounds` (a scalar) multiplications by a 128 by 128
 * matrix, some ten microseconds each. Most of them are enough to hang.
 */
export function slowModel(): SyntheticModel {
  const side = 128;
  const body = new GraphBuilder('round');
  body.input('round', 'INT64', []);
  body.input('go_on', 'BOOL', []);
  body.input('before', 'FLOAT', [side, side]);
  body.output('still', 'BOOL', []);
  body.output('after', 'FLOAT', [side, side]);
  body.node('Identity', ['go_on'], { outputs: ['still'] });
  body.node('MatMul', ['before', 'turn'], { outputs: ['after'] });

  const graph = new GraphBuilder('slow', 11);
  graph.input('x', 'FLOAT', [side, side]);
  graph.input('rounds', 'INT64', []);
  graph.output('y', 'FLOAT', [side, side]);
  graph.weights('turn', [side, side], 1 / Math.sqrt(side));
  graph.node('Loop', ['rounds', '', 'x'], { outputs: ['y'], attributes: { body: body.graph() } });
  return graph.model();
}

/**
 * One step of a decoder with one attention layer: `token` [batch, 1] and the keys and values so far
 * ([batch, heads, past, width]) to `logits` [batch, vocabulary] and the keys and values with this step.
 */
export function decoderStep({ vocabulary = 64, heads = 2, width = 8, seed = 13 } = {}): SyntheticModel {
  const hidden = heads * width;
  const graph = new GraphBuilder('decoder-step', seed);
  graph.input('token', 'INT64', ['batch', 1]);
  graph.input('past_key', 'FLOAT', ['batch', heads, 'past', width]);
  graph.input('past_value', 'FLOAT', ['batch', heads, 'past', width]);
  graph.output('logits', 'FLOAT', ['batch', vocabulary]);
  graph.output('present_key', 'FLOAT', ['batch', heads, 'present', width]);
  graph.output('present_value', 'FLOAT', ['batch', heads, 'present', width]);
  const state = graph.node('Gather', [graph.weights('embedding', [vocabulary, hidden], 1), 'token']);
  const byHead = graph.integers('by_head', 0, 0, heads, width);
  const split = (name: string): string => {
    const parted = graph.node('Reshape', [graph.linear(name, state, hidden, hidden), byHead]);
    return graph.node('Transpose', [parted], { attributes: { perm: [0, 2, 1, 3] } });
  };
  const extend = (name: string): string =>
    graph.node('Concat', [`past_${name}`, split(name)], {
      outputs: [`present_${name}`],
      attributes: { axis: 2 },
    });
  const query = split('query');
  const key = graph.node('Transpose', [extend('key')], { attributes: { perm: [0, 1, 3, 2] } });
  const scores = graph.node('Mul', [
    graph.node('MatMul', [query, key]),
    graph.scalar('scale', 1 / Math.sqrt(width)),
  ]);
  const attention = graph.node('Softmax', [scores], { attributes: { axis: -1 } });
  const mixed = graph.node('Transpose', [graph.node('MatMul', [attention, extend('value')])], {
    attributes: { perm: [0, 2, 1, 3] },
  });
  const joined = graph.node('Reshape', [mixed, graph.integers('joined', 0, hidden)]);
  const head = graph.weights('head.weight', [hidden, vocabulary], 1 / Math.sqrt(hidden));
  graph.node('MatMul', [joined, head], { outputs: ['logits'] });
  return graph.model({ batch: 16 });
}
