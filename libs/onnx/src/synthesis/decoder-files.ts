import {
  type DecoderForm,
  decoderModel,
  type DecoderShape,
  headWidth,
  ROTARY_BASE,
} from './decoder-model.js';
import { NORM_EPSILON } from './decoder-operators.js';

const SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;
const BYTES = 256;
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');

const CHATML = [
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}",
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
].join('');

/**
 * A whole version folder of a decoder of random weights: the model, its configuration, and a byte-level BPE
 * tokenizer of exactly `vocabulary` tokens, so that every id that the model writes is a token.
 * @throws RangeError when the vocabulary is smaller than the bytes and the special tokens (259), or as `decoderModel`
 */
export function decoderFiles(shape: DecoderShape, seed: number, form: DecoderForm): Map<string, Uint8Array> {
  const { vocabulary } = shape;
  if (vocabulary < BYTES + SPECIALS.length) {
    throw new RangeError(`vocabulary must be ${BYTES + SPECIALS.length} or more`);
  }
  const [pad, , end] = SPECIALS.map((_, index) => vocabulary - SPECIALS.length + index);
  const json: Record<string, unknown> = {
    'config.json': {
      architectures: ['Qwen2ForCausalLM'],
      model_type: 'qwen2',
      vocab_size: vocabulary,
      hidden_size: shape.hidden,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.kvHeads,
      head_dim: headWidth(shape),
      intermediate_size: shape.ffn,
      max_position_embeddings: shape.positions,
      rope_theta: ROTARY_BASE,
      rms_norm_eps: NORM_EPSILON,
      hidden_act: 'silu',
      tie_word_embeddings: false,
      use_sliding_window: false,
      bos_token_id: null,
      eos_token_id: end,
      pad_token_id: pad,
    },
    'generation_config.json': { eos_token_id: [end, pad], pad_token_id: pad, do_sample: false },
    'tokenizer.json': byteLevelTokenizer(vocabulary),
    'tokenizer_config.json': {
      tokenizer_class: 'Qwen2Tokenizer',
      add_prefix_space: false,
      bos_token: null,
      eos_token: SPECIALS[2],
      pad_token: SPECIALS[0],
      unk_token: null,
      clean_up_tokenization_spaces: false,
      model_max_length: shape.positions,
      chat_template: CHATML,
    },
  };
  const texts = Object.entries(json).map(([path, value]): [string, Uint8Array] => [
    path,
    Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`),
  ]);
  return new Map([['model.fp32.onnx', decoderModel(shape, seed, form)], ...texts]);
}

/** `tokenizer.json`: the bytes in GPT-2's spelling, merges of letters up to the size, the special tokens last. */
function byteLevelTokenizer(vocabulary: number): unknown {
  const bytes = byteSpellings();
  const merges = letterMerges(vocabulary - BYTES - SPECIALS.length);
  const tokens = [...bytes, ...merges.map(([left, right]) => left + right)];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIALS.map((content, index) => ({
      id: tokens.length + index,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

/** A printable character for each byte, as GPT-2 spells them (`bytes_to_unicode` of its encoder). */
function byteSpellings(): string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = BYTES;
  return Array.from({ length: BYTES }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
}

/** Each token so far, a space or a letter first, with each letter after it, until there are `count`. */
function letterMerges(count: number): [string, string][] {
  const merges: [string, string][] = [];
  const lefts = ['Ġ', ...LETTERS];
  for (let index = 0; merges.length < count; index += 1) {
    const left = lefts[index] ?? '';
    for (const right of LETTERS.slice(0, count - merges.length)) {
      merges.push([left, right]);
      lefts.push(left + right);
    }
  }
  return merges;
}
