import { encodeModel } from '../graph/onnx-format.js';
import {
  concatAttention,
  integerScalar,
  type KeyRange,
  keyRange,
  NORM_EPSILON,
  rootMeanSquare,
} from './decoder-operators.js';
import { GraphBuilder } from './graph-builder.js';

export interface DecoderShape {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Divides `heads`. */
  readonly kvHeads: number;
  readonly ffn: number;
  /** Most tokens of a sequence. */
  readonly positions: number;
}

/**
 * `gqa`: attention is one com.microsoft GroupQueryAttention, which rotates by itself and can update its cache
 * in place; rows of a batch are padded on the right. `concat`: standard operators alone; rows are padded on
 * the left and `position_ids` is an input.
 */
export type DecoderForm = 'gqa' | 'concat';

/** The shape of SmolLM2-135M, which is Llama's: 163 million weights as the head is not tied, 650 MB. */
export const SMOLLM2_135M: DecoderShape = {
  vocabulary: 49_152,
  hidden: 576,
  layers: 30,
  heads: 9,
  kvHeads: 3,
  ffn: 1_536,
  positions: 2_048,
};

export const TINY_DECODER: DecoderShape = {
  vocabulary: 512,
  hidden: 64,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  ffn: 128,
  positions: 256,
};

export const ROTARY_BASE = 10_000;
const MICROSOFT = 'com.microsoft';
/** Queries and keys are this much larger than a layer's start, so that attention is sharp as a trained one's. */
const SHARPNESS = 1.5;

/**
 * A decoder-only language model of Qwen2's kind (RMSNorm, rotary positions, grouped-query attention, SwiGLU)
 * with random weights, as ONNX in the layout that Optimum publishes. Inputs: `input_ids` [batch, sequence] and
 * `attention_mask` [batch, total] (int64), for `concat` also `position_ids` [batch, sequence], and
 * `past_key_values.N.key|value` [batch, kvHeads, past, hidden / heads]. Outputs: `logits` [batch, sequence,
 * vocabulary] and `present.N.key|value`. Both forms of one seed hold the same weights. The head is not tied to
 * the embedding, because random weights that are tied repeat the last token.
 * @throws RangeError when the heads do not divide the hidden size, or the key-value heads the heads
 */
export function decoderModel(shape: DecoderShape, seed: number, form: DecoderForm): Uint8Array {
  checkShape(shape);
  const graph = new GraphBuilder('decoder', seed);
  new DecoderGraph(graph, shape, form).build();
  return encodeModel(graph.proto());
}

export const headWidth = ({ hidden, heads }: DecoderShape): number => hidden / heads;

function checkShape(shape: DecoderShape): void {
  for (const [name, size] of Object.entries(shape)) {
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`${name} must be a positive integer`);
  }
  if (headWidth(shape) % 2 !== 0) throw new RangeError('hidden must be an even multiple of heads');
  if (shape.heads % shape.kvHeads !== 0) throw new RangeError('kvHeads must divide heads');
}

/** What one layer adds to, and the same normalized for the next. */
interface State {
  readonly sum: string;
  readonly normed: string;
}

class DecoderGraph {
  /** Nodes and inputs that the layers of a form share. */
  #lengths: readonly string[] = [];
  #range: KeyRange | undefined;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly shape: DecoderShape,
    private readonly form: DecoderForm,
  ) {}

  build(): void {
    const { graph, shape } = this;
    const { vocabulary, hidden, layers } = shape;
    graph.input('input_ids', 'INT64', ['batch_size', 'sequence_length']);
    graph.input('attention_mask', 'INT64', ['batch_size', 'total_sequence_length']);
    graph.output('logits', 'FLOAT', ['batch_size', 'sequence_length', vocabulary]);
    this.#rotaryCaches();
    if (this.form === 'gqa') this.#lengths = this.#sequenceLengths();
    else
      this.#range = keyRange(graph, graph.input('position_ids', 'INT64', ['batch_size', 'sequence_length']));
    const table = graph.weights('model.embed_tokens.weight', [vocabulary, hidden], 1);
    const embeddings = graph.node('Gather', [table, 'input_ids'], { name: 'embeddings/Gather' });
    let state: State = {
      sum: embeddings,
      normed: this.#firstNorm(embeddings, this.#scale('model.layers.0.input_layernorm.weight')),
    };
    for (let layer = 0; layer < layers; layer += 1) state = this.#layer(layer, state);
    const head = this.#matrix('lm_head.weight', hidden, vocabulary);
    graph.node('MatMul', [state.normed, head], { name: 'logits/MatMul', outputs: ['logits'] });
  }

  #layer(index: number, { sum, normed }: State): State {
    const { hidden, ffn, layers } = this.shape;
    const at = `layers.${index}`;
    const attended = this.#attend(index, this.#packedProjection(at, normed));
    const projected = this.#product(`model.${at}.self_attn.o_proj.weight`, attended, hidden, hidden);
    const middle = this.#addAndNorm(
      sum,
      projected,
      this.#scale(`model.${at}.post_attention_layernorm.weight`),
      `${at}.attention`,
    );
    const both = this.#product(`model.${at}.mlp.gate_up_proj.weight`, middle.normed, hidden, 2 * ffn);
    const gated = this.#swish(at, both);
    const down = this.#product(`model.${at}.mlp.down_proj.weight`, gated, ffn, hidden);
    const next =
      index + 1 === layers ? 'model.norm.weight' : `model.layers.${index + 1}.input_layernorm.weight`;
    return this.#addAndNorm(middle.sum, down, this.#scale(next), at);
  }

  /** Queries, keys and values side by side: [batch, sequence, hidden + 2 * kvHeads * width]. */
  #packedProjection(at: string, normed: string): string {
    const { graph, shape } = this;
    const { hidden, kvHeads } = shape;
    const keys = kvHeads * headWidth(shape);
    const width = hidden + 2 * keys;
    const deviation = 1 / Math.sqrt(hidden);
    const weights = graph.random.normals(hidden * width, deviation);
    for (let row = 0; row < hidden; row += 1) {
      const sharp = weights.subarray(row * width, row * width + hidden + keys);
      for (const [column, weight] of sharp.entries()) sharp[column] = weight * SHARPNESS;
    }
    const name = `model.${at}.self_attn.qkv_proj`;
    const product = graph.node('MatMul', [normed, graph.floats(`${name}.weight`, [hidden, width], weights)], {
      name: `${at}.qkv/MatMul`,
    });
    const bias = graph.weights(`${name}.bias`, [width], 0.1);
    return graph.node('Add', [product, bias], { name: `${at}.qkv/Add` });
  }

  #attend(index: number, packed: string): string {
    const { graph, shape, form } = this;
    const width = headWidth(shape);
    const sides = ['batch_size', shape.kvHeads] as const;
    const parts = ['key', 'value'] as const;
    const past = parts.map((part) =>
      graph.input(`past_key_values.${index}.${part}`, 'FLOAT', [...sides, 'past_sequence_length', width]),
    );
    const present = parts.map((part) =>
      graph.output(`present.${index}.${part}`, 'FLOAT', [...sides, 'present_sequence_length', width]),
    );
    if (this.#range !== undefined && form === 'concat') {
      return concatAttention(graph, shape, {
        at: `layers.${index}`,
        packed,
        past,
        present,
        range: this.#range,
      });
    }
    return graph.node(
      'GroupQueryAttention',
      [packed, '', '', ...past, ...this.#lengths, 'cos_cache', 'sin_cache'],
      {
        name: `layers.${index}.attended/GroupQueryAttention`,
        domain: MICROSOFT,
        outputs: [`layers.${index}.attended`, ...present],
        attributes: {
          num_heads: shape.heads,
          kv_num_heads: shape.kvHeads,
          scale: { float: width ** -0.5 },
          do_rotary: 1,
          rotary_interleaved: 0,
        },
      },
    );
  }

  #swish(at: string, both: string): string {
    const { graph } = this;
    const [gate, up] = [`${at}.gate`, `${at}.up`];
    graph.node('Split', [both], { outputs: [gate, up], attributes: { axis: -1 } });
    return graph.node('Mul', [graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]), up]);
  }

  #firstNorm(input: string, scale: string): string {
    if (this.form === 'concat') return rootMeanSquare(this.graph, input, scale);
    return this.graph.node('SimplifiedLayerNormalization', [input, scale], {
      attributes: { axis: -1, epsilon: { float: NORM_EPSILON }, stash_type: 1 },
    });
  }

  #addAndNorm(left: string, right: string, scale: string, at: string): State {
    if (this.form === 'concat') {
      const sum = this.graph.node('Add', [left, right]);
      return { sum, normed: rootMeanSquare(this.graph, sum, scale) };
    }
    const state = { normed: `${at}.normed`, sum: `${at}.sum` };
    this.graph.node('SkipSimplifiedLayerNormalization', [left, right, scale], {
      domain: MICROSOFT,
      outputs: [state.normed, '', '', state.sum],
      attributes: { epsilon: { float: NORM_EPSILON } },
    });
    return state;
  }

  /** What GroupQueryAttention wants: the last position of each row, and the widest row. */
  #sequenceLengths(): readonly string[] {
    const { graph } = this;
    const one = graph.integers('one', 1);
    const sum = graph.node('ReduceSum', ['attention_mask', one], { attributes: { keepdims: 0 } });
    const last = graph.node('Cast', [graph.node('Sub', [sum, one])], {
      outputs: ['seqlens_k'],
      attributes: { to: 6 },
    });
    const width = graph.node(
      'Gather',
      [graph.node('Shape', ['attention_mask']), integerScalar(graph, 'index_1', 1)],
      { attributes: { axis: 0 } },
    );
    const total = graph.node('Cast', [width], {
      outputs: ['total_sequence_length'],
      attributes: { to: 6 },
    });
    return [last, total];
  }

  /** Cosines and sines of each position, [positions, width / 2]. */
  #rotaryCaches(): void {
    const { graph, shape } = this;
    const half = headWidth(shape) / 2;
    const angles = Float64Array.from(
      { length: shape.positions * half },
      (_, index) => Math.floor(index / half) * ROTARY_BASE ** (-(index % half) / half),
    );
    graph.floats('cos_cache', [shape.positions, half], Float32Array.from(angles, Math.cos));
    graph.floats('sin_cache', [shape.positions, half], Float32Array.from(angles, Math.sin));
  }

  #product(name: string, input: string, from: number, to: number): string {
    return this.graph.node('MatMul', [input, this.#matrix(name, from, to)], { name: `${name}/MatMul` });
  }

  #matrix(name: string, from: number, to: number): string {
    return this.graph.weights(name, [from, to], 1 / Math.sqrt(from));
  }

  #scale(name: string): string {
    const { hidden } = this.shape;
    return this.graph.floats(name, [hidden], this.graph.random.normals(hidden, 0.1, 1));
  }
}
