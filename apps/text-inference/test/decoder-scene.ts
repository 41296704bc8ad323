import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import { type DecoderForm, decoderFiles, TINY_DECODER } from '@trivium/onnx/synthesis';
import { LocalDecoder } from '../dist/decoding/local-decoder.js';
import type { SequenceStart, StepPiece } from '../dist/decoding/decoder-task.js';

export interface DecoderScene extends AsyncDisposable {
  readonly decoder: LocalDecoder;
}

/** A decoder of random weights in a real worker. */
export async function startDecoder(form: DecoderForm): Promise<DecoderScene> {
  const folder = await mkdtemp(join(tmpdir(), 'trivium-decoder-'));
  const files: Record<string, { sha256: string; bytes: number }> = {};
  for (const [name, bytes] of decoderFiles(TINY_DECODER, 7, form)) {
    await writeFile(join(folder, name), bytes);
    files[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.byteLength };
  }
  const decoder = await openDecoder(folder, files, 'fp32');
  return {
    decoder,
    [Symbol.asyncDispose]: async () => {
      await decoder[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One variant of the files of a folder, in a real worker of one thread. */
export function openDecoder(
  folder: string,
  files: Readonly<Record<string, { sha256: string; bytes: number }>>,
  variant: 'fp32' | 'fp16' | 'int8',
): Promise<LocalDecoder> {
  const name = `model.${variant}.onnx`;
  const model = files[name];
  if (model === undefined) throw new Error(`${folder} has no ${name}`);
  return LocalDecoder.open(
    {
      manifest: ModelManifest.parse({
        id: 'tiny',
        task: 'generate',
        licence: 'Apache-2.0',
        platform: 'program',
        instance_group: [{ kind: 'KIND_CPU', count: 1, threads: 1 }],
      }),
      version: '1',
      variant,
      files,
      folder,
      modelFile: { name, ...model },
    },
    () => undefined,
  );
}

/** Ids of tokens that depend on the seed alone. */
export function promptOf(seed: number, length: number): number[] {
  let state = seed;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % 400;
  });
}

export function greedy(
  prompt: readonly number[],
  maxTokens: number,
  changes: Partial<SequenceStart> = {},
): SequenceStart {
  return {
    owner: 'tenant',
    prompt,
    maxTokens,
    settings: {
      temperature: 0,
      topP: 1,
      topK: 0,
      minP: 0,
      repetitionPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      logitBias: [],
      seed: 1,
      topLogprobs: 0,
    },
    stops: [],
    structure: undefined,
    ...changes,
  };
}

export interface Written {
  readonly ids: readonly number[];
  readonly last: StepPiece;
}

/** Reads a sequence to its end. */
export async function write(decoder: LocalDecoder, start: SequenceStart): Promise<Written> {
  const ids: number[] = [];
  let last: StepPiece | undefined;
  for await (const piece of decoder.run(start)) {
    if (piece.scored !== undefined) ids.push(piece.scored.id);
    last = piece;
  }
  if (last === undefined) throw new Error('nothing was written');
  return { ids, last };
}
