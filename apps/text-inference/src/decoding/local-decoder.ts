import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import type { InstanceGroup } from '@trivium/contracts/model-manifest';
import type { LoadedProgram, ProgramFiles } from '@trivium/inference';
import { SequenceBatcher, type WorkerEvent } from '@trivium/serving';
import { z } from 'zod';
import { ChatPrompt } from '../prompting/chat-prompt.js';
import { TextTokenizer } from '../prompting/text-tokenizer.js';
import { DecoderModel } from './decoder-model.js';
import type { SequenceStart, StepPiece } from './decoder-task.js';

const TokenIds = z.union([z.int(), z.array(z.int())]).nullish();
/** The fields of `config.json` that decoding needs; publishers write many more. */
const Config = z.object({
  max_position_embeddings: z.int().positive(),
  eos_token_id: TokenIds,
});
const GenerationConfig = z.object({
  eos_token_id: TokenIds,
  do_sample: z.boolean().optional(),
  temperature: z.number().min(0).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
});

const MIB = 1024 ** 2;
/** Share of a worker's memory that keys and values may take. */
const CACHE_SHARE = 0.4;
const MAX_WAITING = 256;

/** A language model of the repository with its worker running and its line open. */
export class LocalDecoder implements LoadedProgram {
  private constructor(
    readonly variant: string,
    readonly prompt: ChatPrompt,
    readonly tokenizer: TextTokenizer,
    readonly defaults: { readonly temperature: number; readonly topP: number; readonly topK: number },
    private readonly model: DecoderModel,
    private readonly batcher: SequenceBatcher<SequenceStart, StepPiece>,
  ) {}

  /** Throws `model_not_available` that names the file or the setting at fault. */
  static async open(
    { manifest, variant, folder, files, modelFile }: ProgramFiles,
    onWorker: (event: WorkerEvent) => void,
  ): Promise<LocalDecoder> {
    const read = async (name: string): Promise<string | undefined> =>
      name in files ? readFile(join(folder, name), 'utf8') : undefined;
    const needed = async (name: string): Promise<unknown> => {
      const text = await read(name);
      if (text === undefined) throw notAvailable(manifest.id, `its version has no ${name}`);
      return JSON.parse(text) as unknown;
    };
    const config = parsed(Config, await needed('config.json'), manifest.id, 'config.json');
    const generation = parsed(
      GenerationConfig,
      JSON.parse((await read('generation_config.json')) ?? '{}'),
      manifest.id,
      'generation_config.json',
    );
    const tokenizerJson = await needed('tokenizer.json');
    const tokenizerConfig = await needed('tokenizer_config.json');
    const tokenizer = TextTokenizer.load(tokenizerJson, tokenizerConfig);
    const ends = idsOf(generation.eos_token_id ?? config.eos_token_id);
    if (ends.length === 0) throw notAvailable(manifest.id, 'config.json names no eos_token_id');
    const prompt = ChatPrompt.load(tokenizerConfig, await read('chat_template.jinja'));
    const memoryBytes = manifest.max_worker_memory_mb * MIB;
    const model = new DecoderModel({
      modelId: manifest.id,
      variant,
      program: {
        model: { path: join(folder, modelFile.name), sha256: modelFile.sha256 },
        tokenizer: { path: join(folder, 'tokenizer.json'), sha256: files['tokenizer.json']?.sha256 ?? '' },
        threads: threadsOf(manifest.id, manifest.instance_group),
        positions: config.max_position_embeddings,
        cacheBytes: memoryBytes * CACHE_SHARE,
        ends,
      },
      hangAfterMs: manifest.hang_after_ms,
      maxWorkerMemoryBytes: memoryBytes,
      onWorker,
    });
    try {
      await model.start();
    } catch (error) {
      await model[Symbol.asyncDispose]();
      throw error;
    }
    const greedy = generation.do_sample === false;
    return new LocalDecoder(
      variant,
      prompt,
      tokenizer,
      {
        temperature: greedy ? 0 : (generation.temperature ?? 1),
        topP: generation.top_p ?? 1,
        topK: generation.top_k ?? 0,
      },
      model,
      new SequenceBatcher(model, { maxWaiting: MAX_WAITING }),
    );
  }

  /** Tokens of prompt and answer together. */
  get contextWindow(): number {
    return this.model.facts.plan.contextWindow;
  }

  /** Tokens that the model knows. */
  get vocabularySize(): number {
    return this.model.facts.vocabulary;
  }

  /** Milliseconds that a sequence would wait now. */
  estimatedWaitMs(): number {
    return this.batcher.estimatedWaitMs();
  }

  get memoryBytes(): number {
    return this.model.memoryBytes;
  }

  get workerPids(): readonly number[] {
    return this.model.workerPids;
  }

  run(
    ...args: Parameters<SequenceBatcher<SequenceStart, StepPiece>['run']>
  ): ReturnType<SequenceBatcher<SequenceStart, StepPiece>['run']> {
    return this.batcher.run(...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.batcher[Symbol.asyncDispose]();
  }
}

/**
 * One worker holds all sequences. Two threads where its count is not set: more hardly help the small products of a
 * step, and what is left of the machine is the other services'.
 */
function threadsOf(model: string, groups: readonly InstanceGroup[]): number {
  const [group, ...others] = groups;
  if (group?.kind !== 'KIND_CPU' || others.length > 0 || (group.count ?? 1) > 1) {
    throw notAvailable(model, 'instance_group: a model that writes runs in one worker of KIND_CPU');
  }
  return group.count === undefined
    ? Math.max(group.threads, Math.min(2, availableParallelism()))
    : group.threads;
}

function idsOf(ids: z.output<typeof TokenIds>): number[] {
  if (ids === undefined || ids === null) return [];
  return typeof ids === 'number' ? [ids] : ids;
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  model: string,
  file: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fault = result.error.issues[0];
  throw notAvailable(model, `${file}: ${fault?.path.join('.') ?? ''}: ${fault?.message ?? 'cannot be read'}`);
}

function notAvailable(model: string, why: string): DomainError {
  return new DomainError('model_not_available', `${model} cannot be served: ${why}`);
}
