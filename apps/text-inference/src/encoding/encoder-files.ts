import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import type { VersionFiles } from '@trivium/contracts/model-manifest';
import { z } from 'zod';

/** Vocabularies of 250,000 pieces take 17 MiB; past this a file is no tokenizer. */
const MAX_TOKENIZER_BYTES = 64 * 1024 ** 2;
const MAX_CONFIG_BYTES = 1024 ** 2;

const count = z.int().positive().nullish();

/** What is read of `config.json`. */
const ModelConfig = z.looseObject({
  model_type: z.string().nullish(),
  _name_or_path: z.string().nullish(),
  max_position_embeddings: count,
  vocab_size: count,
});

/** Of `tokenizer_config.json`; publishers write 1e30 for "no limit". */
const TokenizerConfig = z.looseObject({ model_max_length: z.number().positive().nullish() });

/** Of `sentence_bert_config.json`. */
const SentenceConfig = z.looseObject({ max_seq_length: count });

/** Of `config_sentence_transformers.json`. */
const PromptConfig = z.looseObject({
  prompts: z.record(z.string(), z.string()).nullish(),
  default_prompt_name: z.string().nullish(),
});

/** `modules.json`: what follows the transformer. */
const Modules = z.array(z.looseObject({ path: z.string(), type: z.string() }));

const flag = z.boolean().default(false);
/** Of the pooling module's `config.json`. */
const PoolingConfig = z.looseObject({
  pooling_mode_cls_token: flag,
  pooling_mode_mean_tokens: flag,
  pooling_mode_max_tokens: flag,
  pooling_mode_mean_sqrt_len_tokens: flag,
  pooling_mode_weightedmean_tokens: flag,
  pooling_mode_lasttoken: flag,
  include_prompt: z.boolean().default(true),
});

/** The files of an encoder beside its weights, as sentence-transformers and Optimum publish them. */
export interface EncoderFiles {
  readonly tokenizer: object;
  readonly tokenizerConfig: z.output<typeof TokenizerConfig>;
  readonly config: z.output<typeof ModelConfig>;
  readonly sentence: z.output<typeof SentenceConfig>;
  readonly prompts: z.output<typeof PromptConfig>;
  readonly modules: z.output<typeof Modules>;
  /** Absent: the publisher ships none, and the model's family tells. */
  readonly pooling: z.output<typeof PoolingConfig> | undefined;
}

const POOLING_FOLDER = '1_Pooling';

/** Reads them from a version's folder. Throws `model_not_available` that names the file that is missing or broken. */
export async function readEncoderFiles(
  model: string,
  folder: string,
  files: VersionFiles,
): Promise<EncoderFiles> {
  const read = async <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    most = MAX_CONFIG_BYTES,
  ): Promise<z.output<Schema> | undefined> => {
    const file = files[path];
    if (file === undefined) return undefined;
    if (file.bytes > most) throw faulty(model, path, `it has ${file.bytes} bytes; ${most} are allowed`);
    return parse(model, path, await readFile(join(folder, path), 'utf8'), schema);
  };
  const tokenizer = await read('tokenizer.json', z.looseObject({ model: z.unknown() }), MAX_TOKENIZER_BYTES);
  if (tokenizer === undefined) {
    throw new DomainError(
      'model_not_available',
      `${model} has no tokenizer.json beside its weights, so it cannot be asked with text. Publish a version that has it.`,
      { param: 'model' },
    );
  }
  const modules = (await read('modules.json', Modules)) ?? [];
  const path = modules.find(({ type }) => type.endsWith('.Pooling'))?.path ?? POOLING_FOLDER;
  return {
    tokenizer,
    tokenizerConfig: (await read('tokenizer_config.json', TokenizerConfig)) ?? {},
    config: (await read('config.json', ModelConfig)) ?? {},
    sentence: (await read('sentence_bert_config.json', SentenceConfig)) ?? {},
    prompts: (await read('config_sentence_transformers.json', PromptConfig)) ?? {},
    modules,
    pooling: await read(`${path}/config.json`, PoolingConfig),
  };
}

function parse<Schema extends z.ZodType>(
  model: string,
  path: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw faulty(model, path, 'it is not JSON', cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw faulty(model, path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, result.error);
}

function faulty(model: string, path: string, why: string, cause?: unknown): DomainError {
  return new DomainError('model_not_available', `${path} of ${model} cannot be used: ${why}`, {
    param: 'model',
    cause,
  });
}
