import { dirname } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { DomainError } from '@trivium/contracts';
import { inlineExternalData } from '../graph/external-data.js';
import { answerLastLogits } from '../graph/last-logits.js';
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
}

/** A decoder-only model in the layout that Optimum publishes: its past goes in and comes out with every run. */
export interface DecoderSession {
  readonly shape: DecoderShape;
  /**
   * Runs on the calling thread until it is done. `logits` is rows × vocabulary, those after the last column; of a
   * graph whose end is not recognised, rows × columns × vocabulary. In place `present`
   * is `past`, written to; otherwise it holds `pastLength + columns` positions.
   */
  run(run: DecoderRun): Promise<{ readonly logits: Float32Array; readonly present: readonly Float32Array[] }>;
}

/** Throws `model_not_available` when the file is not a decoder of this layout, saying what is missing. */
export async function openDecoderFile(file: ModelFile, place: SessionPlace): Promise<DecoderSession> {
  const bytes = await readVerifiedFile(file);
  const model = decodeModel(bytes);
  refuseCustomOperators(model);
  const inPlace = model.graph.node.some(({ opType }) => opType === 'GroupQueryAttention');
  const whole = await inlineExternalData(
    answerLastLogits(model) ? encodeModel(model) : bytes,
    dirname(file.path),
  );
  const session = await createSession(whole, place);
  const shape = shapeOf(session, inPlace);
  const names = Array.from({ length: shape.layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  const known = new Set(session.inputNames);
  const dims = (rows: number, length: number) => [rows, shape.kvHeads, length, shape.headSize];

  return {
    shape,
    async run({ tokens, rows, columns, mask, width, positions, past, pastLength }) {
      const feeds: Record<string, Tensor> = {
        input_ids: new Tensor('int64', tokens, [rows, columns]),
        attention_mask: new Tensor('int64', mask, [rows, width]),
      };
      if (known.has('position_ids')) feeds['position_ids'] = new Tensor('int64', positions, [rows, columns]);
      const fetches: Record<string, Tensor | null> = { logits: null };
      for (const [index, name] of names.entries()) {
        const data = past[index];
        if (data === undefined) throw new RangeError(`No cache for ${name}`);
        feeds[`past_key_values.${name}`] = new Tensor('float32', data, dims(rows, pastLength));
        fetches[`present.${name}`] = inPlace ? new Tensor('float32', data, dims(rows, pastLength)) : null;
      }
      const results = await session.run(feeds, fetches);
      return {
        logits: floats(results['logits'], 'logits'),
        present: inPlace ? past : names.map((name) => floats(results[`present.${name}`], `present.${name}`)),
      };
    },
  };
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

function floats(tensor: Tensor | undefined, name: string): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new TypeError(`The session did not answer with float32 '${name}'`);
}

function notADecoder(why: string): DomainError {
  return new DomainError('model_not_available', `The file is no decoder that can be served: ${why}`);
}
