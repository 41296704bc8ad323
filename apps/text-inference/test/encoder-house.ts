import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DomainError } from '@trivium/contracts';
import type { ModelManifestInput } from '@trivium/contracts/model-manifest';
import { startWithInference } from '@trivium/inference';
import { startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { openTensorSession } from '@trivium/onnx';
import { encoderModel, type SyntheticModel, TINY_ENCODER } from '@trivium/onnx/synthesis';
import { startInProcess } from '@trivium/platform/testing';
import { setLogLevel } from '@trivium/telemetry';
import { EncodingModule } from '../src/encoding/encoding.module.js';
import { TINY_TOKENIZER } from '../src/encoding/tiny-tokenizer.fixture.js';
import { textInferenceConfig } from '../src/text-inference.config.js';
import { TextInferenceModule } from '../src/text-inference.module.js';

setLogLevel('silent');

export const STATES = encoderModel(TINY_ENCODER, 17, { output: 'last_hidden_state', tokenTypes: true });
export const CROSS = encoderModel(TINY_ENCODER, 18, { output: 'logits', tokenTypes: true });
/** Already pooled in the graph. */
export const POOLED = encoderModel(TINY_ENCODER, 19);

interface ModelFolder {
  readonly model: SyntheticModel;
  readonly manifest?: Partial<ModelManifestInput>;
  /** Beside the weights, by path; default: the tokenizer alone. */
  readonly files?: Readonly<Record<string, object>>;
}

export interface EncoderHouse extends AsyncDisposable {
  readonly client: Messaging;
}

/**
 * text-inference with these models in its folder, on a broker of its own; with the models that come with the program
 * unless it is told to have none.
 */
export async function startEncoders(
  models: Readonly<Record<string, ModelFolder>>,
  { bundled = true } = {},
): Promise<EncoderHouse> {
  await using opened = new AsyncDisposableStack();
  const nats = await startNats();
  opened.defer(() => nats.stop());
  const folder = await mkdtemp(join(tmpdir(), 'trivium-encoders-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const none = await mkdtemp(join(tmpdir(), 'trivium-no-packs-'));
  opened.defer(() => rm(none, { recursive: true, force: true }));
  for (const [id, model] of Object.entries(models)) await write(join(folder, id), id, model);
  opened.use(
    await startInProcess(
      {
        name: 'text-inference',
        config: textInferenceConfig,
        start: (context) =>
          startWithInference(context, {
            service: 'text-inference',
            bundled: bundled ? undefined : none,
            module: (inference) => ({
              ...TextInferenceModule.register([], context.messaging),
              imports: [EncodingModule.register(inference)],
            }),
          }),
      },
      { NATS_URL: nats.url, MODELS_DIR: folder, MODELS_CONTROL: 'none', MODELS_WORKERS: '1' },
    ),
  );
  const client = opened.use(await connectMessaging({ name: 'test-client', servers: nats.url }));
  const owned = opened.move();
  return { client, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function write(
  folder: string,
  id: string,
  { model, manifest, files = { 'tokenizer.json': TINY_TOKENIZER } }: ModelFolder,
): Promise<void> {
  const yaml = { ...model.manifest, id, licence: 'Apache-2.0', ...manifest };
  const json = Object.entries(files).map(
    ([path, content]) => [`1/${path}`, JSON.stringify(content)] as const,
  );
  const all = [...json, ['1/model.fp32.onnx', model.bytes], ['model.yaml', JSON.stringify(yaml)]] as const;
  for (const [path, content] of all) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** What the graph says for one sequence, without anything of ours in between. */
export async function runGraph(
  model: SyntheticModel,
  ids: readonly number[],
  types: readonly number[] = ids.map(() => 0),
): Promise<Float32Array> {
  const session = await openTensorSession(model.bytes, { threads: 1, fixedShapes: false });
  const feeds = session.inputs.map(({ name }) => {
    const values = name === 'input_ids' ? ids : name === 'token_type_ids' ? types : ids.map(() => 1);
    const data = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
    return { name, datatype: 'INT64' as const, shape: [1, values.length], data };
  });
  const [output] = await session.run(feeds);
  return new Float32Array(Uint8Array.from(output?.data ?? []).buffer);
}

export const unit = (values: ArrayLike<number>): number[] => {
  const length = Math.hypot(...Array.from(values));
  return Array.from(values, (value) => value / length);
};

export function meanOf(states: Float32Array, width: number): number[] {
  const sum = new Array<number>(width).fill(0);
  states.forEach((value, index) => (sum[index % width] = (sum[index % width] ?? 0) + value));
  return sum.map((value) => (value * width) / states.length);
}

export const cosineOf = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  unit(one).reduce((sum, value, index) => sum + value * (unit(other)[index] ?? 0), 0);

/** The vectors of a reply, one after the other. */
export function vectorsOf({
  vectors,
  dimensions,
}: {
  readonly vectors: Uint8Array;
  readonly dimensions: number;
}): Float32Array[] {
  const all = new Float32Array(Uint8Array.from(vectors).buffer);
  return Array.from({ length: all.length / dimensions }, (_, index) =>
    all.slice(index * dimensions, (index + 1) * dimensions),
  );
}

export const refusal = (work: Promise<unknown>): Promise<DomainError> =>
  work.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: DomainError) => error,
  );
