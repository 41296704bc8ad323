import { int64Tensor } from '../graph/tensors.js';
import { GraphBuilder, type SyntheticModel } from './graph-builder.js';

export interface EncoderShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly positions: number;
}

/** all-MiniLM-L6-v2: six layers of 384, 22.7 million parameters, 86 MiB as float32. */
export const MINILM_L6: EncoderShape = {
  layers: 6,
  hidden: 384,
  heads: 12,
  feedForward: 1536,
  vocabulary: 30_522,
  positions: 512,
};

export const TINY_ENCODER: EncoderShape = {
  layers: 2,
  hidden: 32,
  heads: 4,
  feedForward: 64,
  vocabulary: 128,
  positions: 64,
};

/** Deviation that BERT's weights start from and stay near. */
const DEVIATION = 0.02;
/** Trained encoders have some channels that are several times louder; quantizers must bear them. */
const LOUD_CHANNELS = 4;
const LOUDNESS = 4;
/** What an attention score loses where the mask is 0. */
const MASKED = -10_000;

export interface EncoderVariation {
  /**
   * What comes out: `embedding` [batch, hidden], the masked mean with length 1; `last_hidden_state` [batch,
   * sequence, hidden]; `logits` [batch, 1] of the first token, as of a cross-encoder.
   */
  readonly output?: 'embedding' | 'last_hidden_state' | 'logits' | undefined;
  /** Whether it takes `token_type_ids` too, of which there are two. */
  readonly tokenTypes?: boolean | undefined;
}

/**
 * An encoder as PyTorch exports BERT: `input_ids` and `attention_mask` [batch, sequence] (int64) to
 * `embedding` unless the variation says otherwise. Padding changes nothing but rounding. The weights are
 * random, but scaled as a trained network's.
 */
export function encoderModel(
  shape: EncoderShape = TINY_ENCODER,
  seed = 17,
  { output = 'embedding', tokenTypes = false }: EncoderVariation = {},
): SyntheticModel {
  const graph = new GraphBuilder('encoder', seed);
  const inputs = ['input_ids', 'attention_mask', ...(tokenTypes ? ['token_type_ids'] : [])];
  for (const name of inputs) graph.input(name, 'INT64', ['batch', 'sequence']);
  const sides = { embedding: [shape.hidden], last_hidden_state: ['sequence', shape.hidden], logits: [1] };
  graph.output(output, 'FLOAT', ['batch', ...sides[output]]);
  const encoder = new EncoderGraph(graph, shape);
  const mask = graph.node('Cast', ['attention_mask'], { attributes: { to: 1 } });
  const bias = encoder.attentionBias(mask);
  let state = encoder.embeddings(tokenTypes);
  for (let layer = 0; layer < shape.layers; layer += 1) state = encoder.layer(`layer.${layer}`, state, bias);
  if (output === 'embedding') encoder.pool(state, mask);
  else if (output === 'logits') encoder.score(state);
  else graph.node('Identity', [state], { outputs: ['last_hidden_state'] });
  return graph.model({
    task: output === 'logits' ? 'rerank' : 'embed',
    batch: 64,
    input: inputs.map((name) => ({
      name,
      data_type: 'INT64',
      dims: [-1],
      padding_value: 0,
    })),
    dynamic_batching: { cost: { unit: 'tokens', input: 'input_ids', max_batch_cost: 4_096 } },
  });
}

class EncoderGraph {
  readonly #zero: string;
  readonly #one: string;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly shape: EncoderShape,
  ) {
    this.#zero = graph.integers('zero', 0);
    this.#one = graph.integers('one', 1);
  }

  /** 0 where a token may be seen and far below where it is padding; [batch, 1, 1, sequence]. */
  attentionBias(mask: string): string {
    const { graph } = this;
    const wide = graph.node('Unsqueeze', [mask, graph.integers('mask_axes', 1, 2)]);
    const hidden = graph.node('Sub', [graph.scalar('unit', 1), wide]);
    return graph.node('Mul', [hidden, graph.scalar('masked', MASKED)]);
  }

  embeddings(tokenTypes: boolean): string {
    const { graph } = this;
    const { vocabulary, positions, hidden } = this.shape;
    const words = graph.node(
      'Gather',
      [graph.weights('embeddings.word', [vocabulary, hidden], DEVIATION), 'input_ids'],
      { name: 'embeddings/word/Gather' },
    );
    const sequence = graph.node('Slice', [
      graph.node('Shape', ['input_ids']),
      this.#one,
      graph.integers('two', 2),
    ]);
    const table = graph.weights('embeddings.position', [positions, hidden], DEVIATION);
    const places = graph.node('Slice', [table, this.#zero, sequence, this.#zero]);
    const type = tokenTypes
      ? graph.node('Gather', [graph.weights('embeddings.type', [2, hidden], DEVIATION), 'token_type_ids'])
      : graph.weights('embeddings.type', [hidden], DEVIATION);
    return this.#normalize('embeddings.norm', graph.node('Add', [graph.node('Add', [words, type]), places]));
  }

  layer(name: string, state: string, bias: string): string {
    const { graph } = this;
    const { hidden, feedForward } = this.shape;
    const attended = this.#linear(
      `${name}.attention.output`,
      this.#attend(name, state, bias),
      hidden,
      hidden,
    );
    const middle = this.#normalize(`${name}.attention.norm`, graph.node('Add', [attended, state]));
    const wide = this.#gelu(name, this.#linear(`${name}.intermediate`, middle, hidden, feedForward));
    const narrow = this.#linear(`${name}.output`, wide, feedForward, hidden);
    return this.#normalize(`${name}.output.norm`, graph.node('Add', [narrow, middle]));
  }

  /** A linear layer on the first token. */
  score(state: string): void {
    const { graph } = this;
    const first = graph.node('Gather', [state, graph.constant(int64Tensor('first', [], [0]))], {
      attributes: { axis: 1 },
    });
    const { hidden } = this.shape;
    const product = graph.node('MatMul', [first, graph.weights('classifier.weight', [hidden, 1], 1)]);
    graph.node('Add', [product, graph.weights('classifier.bias', [1], DEVIATION)], { outputs: ['logits'] });
  }

  /** Masked mean over the tokens, then length 1. */
  pool(state: string, mask: string): void {
    const { graph } = this;
    const weights = graph.node('Unsqueeze', [mask, graph.integers('last_axis', -1)]);
    const sum = graph.node('ReduceSum', [graph.node('Mul', [state, weights]), this.#one], {
      attributes: { keepdims: 0 },
    });
    const count = graph.node('Clip', [
      graph.node('ReduceSum', [weights, this.#one], { attributes: { keepdims: 0 } }),
      graph.scalar('least_count', 1e-9),
    ]);
    graph.node('LpNormalization', [graph.node('Div', [sum, count])], {
      outputs: ['embedding'],
      attributes: { axis: -1, p: 2 },
    });
  }

  #attend(name: string, state: string, bias: string): string {
    const { graph } = this;
    const { hidden, heads } = this.shape;
    const width = hidden / heads;
    const byHead = graph.integers(`${name}.by_head`, 0, 0, heads, width);
    const split = (role: string, perm: readonly number[]): string => {
      const projected = this.#linear(`${name}.attention.${role}`, state, hidden, hidden);
      return graph.node('Transpose', [graph.node('Reshape', [projected, byHead])], { attributes: { perm } });
    };
    const query = split('query', [0, 2, 1, 3]);
    const key = split('key', [0, 2, 3, 1]);
    const value = split('value', [0, 2, 1, 3]);
    const scaled = graph.node('Div', [
      graph.node('MatMul', [query, key]),
      graph.scalar(`${name}.scale`, Math.sqrt(width)),
    ]);
    const weights = graph.node('Softmax', [graph.node('Add', [scaled, bias])], { attributes: { axis: -1 } });
    const mixed = graph.node('Transpose', [graph.node('MatMul', [weights, value])], {
      attributes: { perm: [0, 2, 1, 3] },
    });
    return graph.node('Reshape', [mixed, graph.integers(`${name}.joined`, 0, 0, hidden)]);
  }

  #linear(name: string, input: string, from: number, to: number): string {
    const { graph } = this;
    const weights = graph.random.normals(from * to, DEVIATION);
    for (const column of this.#loudChannels(to)) {
      for (let row = 0; row < from; row += 1) {
        const index = row * to + column;
        weights[index] = (weights[index] ?? 0) * LOUDNESS;
      }
    }
    const product = graph.node('MatMul', [input, graph.floats(`${name}.weight`, [from, to], weights)], {
      name: `${name}/MatMul`,
    });
    return graph.node('Add', [graph.weights(`${name}.bias`, [to], DEVIATION), product], {
      name: `${name}/Add`,
    });
  }

  #normalize(name: string, input: string): string {
    const { graph } = this;
    const { hidden } = this.shape;
    const scale = graph.random.normals(hidden, 0.1, 1);
    for (const channel of this.#loudChannels(hidden)) scale[channel] = LOUDNESS;
    return graph.node(
      'LayerNormalization',
      [input, graph.floats(`${name}.weight`, [hidden], scale), graph.weights(`${name}.bias`, [hidden], 0.1)],
      { name: `${name}/LayerNormalization`, attributes: { axis: -1, epsilon: { float: 1e-12 } } },
    );
  }

  /** The exact form, in the five nodes in which it is exported. */
  #gelu(name: string, input: string): string {
    const { graph } = this;
    const root = graph.scalar(`${name}.root_two`, Math.SQRT2);
    const erf = graph.node('Erf', [graph.node('Div', [input, root])]);
    const shifted = graph.node('Add', [erf, graph.scalar(`${name}.unit`, 1)]);
    const product = graph.node('Mul', [input, shifted]);
    return graph.node('Mul', [product, graph.scalar(`${name}.half`, 0.5)]);
  }

  #loudChannels(channels: number): number[] {
    return Array.from({ length: LOUD_CHANNELS }, () => this.graph.random.below(channels));
  }
}
