import { type DecoderShape, decodeModel } from '@trivium/onnx/synthesis';
import type { GgufTensor, MetadataValue } from './gguf.js';

const EPSILON_KEY = 'qwen2.attention.layer_norm_rms_epsilon';
const NORMAL = 1;
const CONTROL = 3;
/** llama.cpp's LLAMA_FTYPE_MOSTLY_Q8_0. */
const MOSTLY_Q8_0 = 7;

interface Tokenizer {
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  readonly model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (readonly [string, string])[];
  };
}

interface Config {
  readonly rope_theta: number;
  readonly rms_norm_eps: number;
  readonly eos_token_id: number;
  readonly pad_token_id: number;
}

/** What llama.cpp must know of a decoder, from its `config.json` and `tokenizer.json`. */
export function qwen2Metadata(
  shape: DecoderShape,
  config: unknown,
  tokenizer: unknown,
): Record<string, MetadataValue> {
  const { rope_theta, rms_norm_eps, eos_token_id, pad_token_id } = config as Config;
  const { added_tokens: added, model } = tokenizer as Tokenizer;
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  for (const { id, content } of added) tokens[id] = content;
  const specials = new Set(added.map(({ id }) => id));
  const u32 = (value: number): MetadataValue => ({ type: 'u32', value });
  return {
    'general.architecture': { type: 'string', value: 'qwen2' },
    'general.name': { type: 'string', value: 'decoder of random weights' },
    'general.file_type': u32(MOSTLY_Q8_0),
    'qwen2.block_count': u32(shape.layers),
    'qwen2.context_length': u32(shape.positions),
    'qwen2.embedding_length': u32(shape.hidden),
    'qwen2.feed_forward_length': u32(shape.ffn),
    'qwen2.attention.head_count': u32(shape.heads),
    'qwen2.attention.head_count_kv': u32(shape.kvHeads),
    'qwen2.rope.freq_base': { type: 'f32', value: rope_theta },
    [EPSILON_KEY]: { type: 'f32', value: rms_norm_eps },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'gpt-2' },
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.token_type': {
      type: 'i32s',
      value: tokens.map((_, id) => (specials.has(id) ? CONTROL : NORMAL)),
    },
    'tokenizer.ggml.merges': { type: 'strings', value: model.merges.map((pair) => pair.join(' ')) },
    'tokenizer.ggml.eos_token_id': u32(eos_token_id),
    'tokenizer.ggml.padding_token_id': u32(pad_token_id),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
  };
}

/** The weights of a model that `decoderModel` made, matrices in Q8_0 as llama.cpp's converter names them. */
export function qwen2Tensors(onnx: Uint8Array, shape: DecoderShape): GgufTensor[] {
  const { hidden, heads, kvHeads, ffn, layers, vocabulary } = shape;
  const initializers = new Map(decodeModel(onnx).graph?.initializer.map((one) => [one.name, one]));
  const weights = (name: string): Float32Array => {
    const raw = initializers.get(name)?.rawData;
    if (raw === undefined) throw new Error(`The model has no weights ${name}`);
    return new Float32Array(raw.slice().buffer);
  };
  const vector = (name: string, values: Float32Array): GgufTensor => ({
    name,
    dims: [values.length],
    type: 'F32',
    values,
  });
  const matrix = (
    name: string,
    source: Float32Array,
    from: number,
    start: number,
    to: number,
  ): GgufTensor => ({
    name,
    dims: [from, to],
    type: 'Q8_0',
    values: transposed(source, from, start, to),
  });
  const keys = kvHeads * (hidden / heads);
  const tensors: GgufTensor[] = [
    {
      name: 'token_embd.weight',
      dims: [hidden, vocabulary],
      type: 'Q8_0',
      values: weights('model.embed_tokens.weight'),
    },
    vector('output_norm.weight', weights('model.norm.weight')),
    matrix('output.weight', weights('lm_head.weight'), hidden, 0, vocabulary),
  ];
  for (let layer = 0; layer < layers; layer += 1) {
    const of = (name: string): Float32Array => weights(`model.layers.${layer}.${name}`);
    const at = `blk.${layer}`;
    const packed = of('self_attn.qkv_proj.weight');
    const bias = of('self_attn.qkv_proj.bias');
    const both = of('mlp.gate_up_proj.weight');
    const parts = [
      ['attn_q', 0, hidden],
      ['attn_k', hidden, keys],
      ['attn_v', hidden + keys, keys],
    ] as const;
    for (const [name, start, width] of parts) {
      tensors.push(matrix(`${at}.${name}.weight`, packed, hidden, start, width));
      tensors.push(vector(`${at}.${name}.bias`, bias.slice(start, start + width)));
    }
    tensors.push(
      vector(`${at}.attn_norm.weight`, of('input_layernorm.weight')),
      matrix(`${at}.attn_output.weight`, of('self_attn.o_proj.weight'), hidden, 0, hidden),
      vector(`${at}.ffn_norm.weight`, of('post_attention_layernorm.weight')),
      matrix(`${at}.ffn_gate.weight`, both, hidden, 0, ffn),
      matrix(`${at}.ffn_up.weight`, both, hidden, ffn, ffn),
      matrix(`${at}.ffn_down.weight`, of('mlp.down_proj.weight'), ffn, 0, hidden),
    );
  }
  return tensors;
}

/** Some columns of [from, width], each as a row: ONNX multiplies from the left, ggml takes rows of outputs. */
function transposed(source: Float32Array, from: number, start: number, to: number): Float32Array {
  const width = source.length / from;
  const result = new Float32Array(from * to);
  for (let row = 0; row < from; row += 1) {
    for (let column = 0; column < to; column += 1) {
      result[column * from + row] = source[row * width + start + column] ?? 0;
    }
  }
  return result;
}
