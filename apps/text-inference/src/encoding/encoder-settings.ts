import { DomainError } from '@trivium/contracts';
import type { TokenPooling } from '@trivium/onnx';
import type { EncoderFiles } from './encoder-files.js';

export type Purpose = 'query' | 'document';

/** How a model wants to be asked, and what becomes of its answer. */
export interface EncoderSettings {
  readonly pooling: TokenPooling['mode'];
  /** Most tokens of one input, special ones included. */
  readonly maxTokens: number;
  /** Put before a text, by what the text is for; absent purpose: the model's own default. */
  readonly prompts: Readonly<Record<Purpose | 'none', string>>;
  /** Token ids are below it; absent: what the tokenizer knows. */
  readonly vocabulary: number | undefined;
}

/** Tokens where no file says how many: what BERT was trained with. */
const BERT_WINDOW = 512;
/** Their positions start behind the padding id, so two rows of the table are never used. */
const OFFSET_POSITIONS: ReadonlySet<string> = new Set(['roberta', 'xlm-roberta', 'camembert', 'mpnet']);
const OFFSET = 2;
/** Families whose first token was trained to stand for the text; all others are averaged. */
const CLS_FAMILY =
  /(^|[-_/])(bge|mxbai|(snowflake-)?arctic)[-_]|gte-(base|large|multilingual)[\w-]*v1\.5|gte-multilingual/iu;
const E5_FAMILY = /(^|[-_/])e5[-_]/iu;
const AFTER_THE_MODEL = ['.Transformer', '.Pooling', '.Normalize'];

/**
 * Settings from the model's own files, and from the conventions of its family where the publisher ships none.
 * `name` tells the family: the model's id and its repository. Throws `model_not_available` for what cannot be
 * computed here, since a vector that is silently another one is worse than none.
 */
export function settingsOf(name: string, files: EncoderFiles): EncoderSettings {
  const beyond = files.modules.find(({ type }) => !AFTER_THE_MODEL.some((known) => type.endsWith(known)));
  if (beyond !== undefined) {
    throw unusable('modules.json', `it needs the module ${beyond.type}, which is not computed here`);
  }
  const family = `${name} ${files.config._name_or_path ?? ''}`;
  return {
    pooling: poolingOf(family, files),
    maxTokens: windowOf(files),
    prompts: promptsOf(family, files),
    vocabulary: files.config.vocab_size ?? undefined,
  };
}

function poolingOf(family: string, { pooling, prompts }: EncoderFiles): EncoderSettings['pooling'] {
  if (pooling === undefined) return CLS_FAMILY.test(family) ? 'cls' : 'mean';
  if (!pooling.include_prompt && Object.keys(prompts.prompts ?? {}).length > 0) {
    throw unusable(
      '1_Pooling/config.json',
      'it leaves the prompt out of the mean, which is not computed here',
    );
  }
  const wanted = [
    pooling.pooling_mode_cls_token && 'cls',
    pooling.pooling_mode_mean_tokens && 'mean',
    pooling.pooling_mode_max_tokens && 'max',
    pooling.pooling_mode_lasttoken && 'last',
    pooling.pooling_mode_mean_sqrt_len_tokens && 'mean_sqrt_len_tokens',
    pooling.pooling_mode_weightedmean_tokens && 'weightedmean_tokens',
  ].filter((mode) => mode !== false);
  const [mode, ...others] = wanted;
  if (others.length === 0 && (mode === 'cls' || mode === 'mean' || mode === 'max' || mode === 'last')) {
    return mode;
  }
  throw unusable('1_Pooling/config.json', `it pools by '${wanted.join(' + ')}', which is not computed here`);
}

/** What the publisher of the sentence model says, else the tokenizer; never more than there are positions. */
function windowOf({ sentence, tokenizerConfig, config }: EncoderFiles): number {
  const offset = OFFSET_POSITIONS.has(config.model_type ?? '') ? OFFSET : 0;
  const positions = (config.max_position_embeddings ?? Number.POSITIVE_INFINITY) - offset;
  const said = sentence.max_seq_length ?? tokenizerConfig.model_max_length ?? Number.POSITIVE_INFINITY;
  const most = Math.min(said, positions);
  return Number.isFinite(most) && most < 1e9 ? Math.floor(most) : BERT_WINDOW;
}

function promptsOf(family: string, { prompts }: EncoderFiles): EncoderSettings['prompts'] {
  const { prompts: named, default_prompt_name: usual } = prompts;
  if (named !== undefined && named !== null && Object.keys(named).length > 0) {
    return {
      query: named['query'] ?? '',
      document: named['document'] ?? named['passage'] ?? '',
      none: (usual === undefined || usual === null ? undefined : named[usual]) ?? '',
    };
  }
  if (E5_FAMILY.test(family)) return { query: 'query: ', document: 'passage: ', none: '' };
  return { query: '', document: '', none: '' };
}

function unusable(file: string, why: string): DomainError {
  return new DomainError('model_not_available', `${file}: ${why}`, { param: 'model' });
}
