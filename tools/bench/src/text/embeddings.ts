import { fork } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNats } from '@trivium/local-servers';
import { quantize } from '@trivium/onnx';
import { encoderModel, MINILM_L6 } from '@trivium/onnx/synthesis';
import { measureLoad } from '../gateway/load.js';
import { startGateway, stop } from '../gateway/servers.js';
import type { Sample } from '../harness/rounds.js';

const TEXT_INFERENCE = fileURLToPath(
  new URL('../../../../apps/text-inference/dist/main.js', import.meta.url),
);
const KEY = 'sk-trivium-bench-text-0000';
const MODEL = 'minilm';
const SEED = 17;
const CONCURRENT = 32;
const POLL_MS = 200;
const READY_WITHIN_MS = 60_000;
const SPECIALS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'] as const;
/** Fourteen words, which with [CLS] and [SEP] are sixteen tokens. */
const WORDS = 'the total of an invoice is due within thirty days of its printed date';

export interface EmbeddingHouse extends AsyncDisposable {
  measure(): Promise<Sample>;
}

/** Gateway, broker and text service, with an int8 encoder of MiniLM's shape in the text service. */
export async function startEmbeddings(folder: string): Promise<EmbeddingHouse> {
  await writeEncoder(join(folder, MODEL));
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const service = stack.adopt(
    fork(TEXT_INFERENCE, [], {
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NATS_URL: nats.url,
        MODELS_DIR: folder,
        MODELS_CONTROL: 'none',
        LOG_LEVEL: 'warn',
        OPS_PORT: '0',
      },
    }),
    stop,
  );
  const { url } = stack.use(await startGateway(KEY, nats.url));
  const request = {
    method: 'POST',
    path: '/v1/embeddings',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, input: WORDS, encoding_format: 'base64' }),
  } as const;
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(url + request.path, request);
    if (answer.ok) break;
    const said = await answer.text();
    if (service.exitCode !== null || performance.now() > giveUpAt) throw new Error(said);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const owned = stack.move();
  return {
    measure: () => measureLoad(url, request, CONCURRENT),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function writeEncoder(folder: string): Promise<void> {
  const version = join(folder, '1');
  await mkdir(version, { recursive: true });
  const { bytes } = encoderModel(MINILM_L6, SEED, { output: 'last_hidden_state', tokenTypes: true });
  await writeFile(join(version, 'model.int8.onnx'), quantize(bytes, { variant: 'int8' }).bytes);
  const json = (path: string, value: unknown): Promise<void> => writeFile(path, JSON.stringify(value));
  await json(join(version, 'config.json'), {
    model_type: 'bert',
    vocab_size: MINILM_L6.vocabulary,
    max_position_embeddings: MINILM_L6.positions,
  });
  await json(join(version, 'tokenizer.json'), tokenizer());
  const ids = (name: string): object => ({ name, data_type: 'INT64', dims: [-1], padding_value: 0 });
  await json(join(folder, 'model.yaml'), {
    id: MODEL,
    task: 'embed',
    licence: 'Apache-2.0',
    max_batch_size: 64,
    input: ['input_ids', 'attention_mask', 'token_type_ids'].map(ids),
    output: [{ name: 'last_hidden_state', data_type: 'FP32', dims: [-1, MINILM_L6.hidden] }],
    dynamic_batching: {
      cost: { unit: 'tokens', input: 'input_ids', max_batch_cost: 8_192 },
      shape_buckets: [16, 32, 64, 128, 256],
    },
    preload: true,
    variant_policy: { default: 'int8' },
  });
}

/** WordPiece as BERT's, with the words of the request as its vocabulary. */
function tokenizer(): object {
  const tokens = [...SPECIALS, ...new Set(WORDS.split(' '))];
  const special = (id: string, type: number): object => ({ SpecialToken: { id, type_id: type } });
  const sequence = (id: string, type: number): object => ({ Sequence: { id, type_id: type } });
  const single = [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)];
  return {
    version: '1.0',
    added_tokens: SPECIALS.map((content, id) => ({ id, content, special: true, normalized: false })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, sequence('B', 1), special('[SEP]', 1)],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##' },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  };
}
