import { dirname } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { DomainError } from '@trivium/contracts';
import { inlineExternalData } from '../graph/external-data.js';
import { answerLastLogits } from '../graph/last-logits.js';
import { endedUnconverted, leaveOutputsUnconverted, UNCONVERTED } from '../graph/unconverted-outputs.js';
import { decodeModel, encodeModel } from '../graph/onnx-format.js';
import { refuseCustomOperators } from '../graph/operators.js';
import type { ModelFile } from '../program/program.js';
import { createSession, type SessionPlace } from './tensor-session.js';
import { readVerifiedFile } from './verified-file.js';

/** What a decoder's file says of itself. */
export interface DecoderShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** Attention writes into the cache that it reads, so that nothing is copied from step to step. */
  readonly inPlace: boolean;
}

/** One run: `rows` sequences that each advance by `columns` tokens. */
export interface DecoderRun {
  /** rows × columns token ids. */
  readonly tokens: BigInt64Array;
  readonly rows: number;
  readonly columns: number;
  /** rows × width; 1 where a token is, those of this run included. */
  readonly mask: BigInt64Array;
  readonly width: number;
  /** rows × columns; read by graphs that have the input `position_ids`. */
  readonly positions: BigInt64Array;
  /** For each layer the keys, then the values: rows × kvHeads × `pastLength` × headSize. */
  readonly past: readonly Float32Array[];
  readonly pastLength: number;
  /** Where they go with the new positions: `past` itself in place, else rows × kvHeads × (pastLength + columns) × headSize. */
  readonly present: readonly Float32Array[];
}

/** A decoder-only model in the layout that Optimum publishes: its past goes in and comes out with every run. */
export interface DecoderSession {
  readonly shape: DecoderShape;
  /**
   * Runs on the calling thread until it is done. Answers the logits after the last column, rows × vocabulary: the
   * caller's to change, until the next run.
   */
  run(run: DecoderRun): Promise<Float32Array>;
}

/** Throws `model_not_available` when the file is not a decoder of this layout, saying what is missing. */
export async function openDecoderFile(file: ModelFile, place: SessionPlace): Promise<DecoderSession> {
  const bytes = await readVerifiedFile(file);
  const model = decodeModel(bytes);
  refuseCustomOperators(model);
  const inPlace = model.graph.node.some(({ opType }) => opType === 'GroupQueryAttention');
  const lastOnly = answerLastLogits(model);
  const unconverted = leaveOutputsUnconverted(model);
  const whole = await inlineExternalData(encodeModel(model), dirname(file.path));
  const session = await createSession(whole, place);
  const shape = shapeOf(session, inPlace);
  const { kvHeads, headSize, vocabulary } = shape;
  const names = Array.from({ length: shape.layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  const known = new Set(session.inputNames);
  let kept = new Float32Array(0);

  return {
    shape,
    async run({ tokens, rows, columns, mask, width, positions, past, pastLength, present }) {
      const answered = lastOnly ? 1 : columns;
      const size = rows * answered * vocabulary;
      if (kept.length < size) kept = new Float32Array(size);
      const logits = kept.subarray(0, size);
      const feeds: Record<string, Tensor> = {
        input_ids: new Tensor('int64', tokens, [rows, columns]),
        attention_mask: new Tensor('int64', mask, [rows, width]),
      };
      if (known.has('position_ids')) feeds['position_ids'] = new Tensor('int64', positions, [rows, columns]);
      const fetches: Record<string, Tensor | null> = {
        ...(unconverted ? { [UNCONVERTED]: null } : {}),
        logits: new Tensor('float32', logits, [rows, answered, vocabulary]),
      };
      const presentLength = inPlace ? pastLength : pastLength + columns;
      for (const [index, name] of names.entries()) {
        const [from, to] = [past[index], present[index]];
        if (from === undefined || to === undefined) throw new RangeError(`No cache for ${name}`);
        feeds[`past_key_values.${name}`] = new Tensor('float32', from, [rows, kvHeads, pastLength, headSize]);
        fetches[`present.${name}`] = new Tensor('float32', to, [rows, kvHeads, presentLength, headSize]);
      }
      try {
        await session.run(feeds, fetches);
      } catch (error) {
        if (!endedUnconverted(error)) throw error;
      }
      return answered === 1 ? logits : lastColumns(logits, rows, columns, vocabulary);
    },
  };
}

function lastColumns(logits: Float32Array, rows: number, columns: number, vocabulary: number): Float32Array {
  for (let row = 0; row < rows; row += 1) {
    const last = (row * columns + columns - 1) * vocabulary;
    logits.copyWithin(row * vocabulary, last, last + vocabulary);
  }
  return logits.subarray(0, rows * vocabulary);
}

function shapeOf(session: InferenceSession, inPlace: boolean): DecoderShape {
  const inputs = new Map(session.inputMetadata.map((value) => [value.name, value]));
  for (const name of ['input_ids', 'attention_mask', 'past_key_values.0.key']) {
    if (!inputs.has(name)) throw notADecoder(`it has no input '${name}'`);
  }
  const cache = inputs.get('past_key_values.0.key');
  const logits = session.outputMetadata.find(({ name }) => name === 'logits');
  if (cache?.isTensor !== true || cache.type !== 'float32')
    throw notADecoder('its cache does not hold float32');
  if (logits?.isTensor !== true || logits.type !== 'float32')
    throw notADecoder("it has no float32 output 'logits'");
  const [, kvHeads, , headSize] = cache.shape;
  const vocabulary = logits.shape.at(-1);
  if (typeof kvHeads !== 'number' || typeof headSize !== 'number' || typeof vocabulary !== 'number') {
    throw notADecoder('heads, their size and the vocabulary must be fixed numbers');
  }
  const layers = [...inputs.keys()].filter((name) => /^past_key_values\.\d+\.key$/u.test(name)).length;
  const unknown = [...inputs.keys()].find(
    (name) => !/^(input_ids|attention_mask|position_ids)$|^past_key_values\./u.test(name),
  );
  if (unknown !== undefined) throw notADecoder(`its input '${unknown}' is not known`);
  return { layers, kvHeads, headSize, vocabulary, inPlace };
}

function notADecoder(why: string): DomainError {
  return new DomainError('model_not_available', `The file is no decoder that can be served: ${why}`);
}
