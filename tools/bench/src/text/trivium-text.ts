import { ModelManifest } from '@trivium/contracts/model-manifest';
import { MODEL_FILE } from './decoder-folder.js';
import type { Opening, TextEngine } from './protocol.js';

/** As much of the text service's decoder as is used here; an application is no dependency of a tool. */
interface LocalDecoder extends AsyncDisposable {
  run(start: object, options: { signal?: AbortSignal }): AsyncIterable<{ readonly tokens: number }>;
}

interface Decoding {
  readonly LocalDecoder: { open(files: object, onWorker: () => void): Promise<LocalDecoder> };
}

const DECODING = new URL('../../../../apps/text-inference/dist/decoding/local-decoder.js', import.meta.url);
const GREEDY = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: [],
  seed: 1,
  topLogprobs: undefined,
};

export async function openTrivium({ folder, files, threads }: Opening): Promise<TextEngine> {
  const { LocalDecoder } = (await import(DECODING.href)) as Decoding;
  const model = files[MODEL_FILE];
  if (model === undefined) throw new Error(`${folder} has no ${MODEL_FILE}`);
  const manifest = ModelManifest.parse({
    id: 'decoder-135m',
    task: 'generate',
    licence: 'Apache-2.0',
    platform: 'program',
    instance_group: [{ kind: 'KIND_CPU', count: 1, threads }],
  });
  const decoder = await LocalDecoder.open(
    { manifest, version: '1', variant: 'int8', files, folder, modelFile: { name: MODEL_FILE, ...model } },
    () => undefined,
  );
  return {
    kind: 'sequences',
    async write(prompts, newTokens, onToken, signal) {
      const one = async (prompt: readonly number[], index: number): Promise<void> => {
        const start = {
          owner: 'tenant',
          prompt,
          maxTokens: newTokens,
          settings: GREEDY,
          stops: [],
          structure: undefined,
        };
        let told = 0;
        for await (const { tokens } of decoder.run(start, signal === undefined ? {} : { signal })) {
          for (; told < tokens; told += 1) onToken(index);
        }
      };
      await Promise.all(prompts.map(one));
    },
    [Symbol.asyncDispose]: () => decoder[Symbol.asyncDispose](),
  };
}
