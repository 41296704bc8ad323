import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../src/graph/onnx-format.js';
import { quantize } from '../src/quantization/quantize.js';
import {
  decoderFiles,
  type DecoderForm,
  decoderModel,
  TINY_DECODER as SHAPE,
} from '../src/synthesis/synthesis.js';

type Past = Record<string, Tensor>;

const SEED = 21;
const WIDTH = SHAPE.hidden / SHAPE.heads;
const TOLERANCE = 1e-4;
const PROMPT = [5, 300, 17, 42, 256, 7, 99, 480, 3];
const SHORT = [11, 402, 9, 64];

const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]?.length ?? 0]);
const ones = (length: number): number[] => new Array<number>(length).fill(1);
const places = (length: number, from = 0): number[] => Array.from({ length }, (_, index) => from + index);

/** Keys and values of no tokens, with room for `room` where the form updates them in place. */
function noPast(batch: number, room = 0): Past {
  const dims = [batch, SHAPE.kvHeads, room, WIDTH];
  const names = places(SHAPE.layers).flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
  const size = batch * SHAPE.kvHeads * room * WIDTH;
  return Object.fromEntries(
    names.map((name) => [`past_key_values.${name}`, new Tensor('float32', new Float32Array(size), dims)]),
  );
}

interface Batch {
  readonly ids: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
  readonly positions: readonly (readonly number[])[];
  readonly past: Past;
}

interface Step {
  /** Of each row and token. */
  readonly logits: readonly (readonly Float32Array[])[];
  readonly past: Past;
}

describe.each<DecoderForm>(['gqa', 'concat'])('a decoder in the form %s', (form) => {
  let session: InferenceSession;
  beforeAll(async () => {
    session = await open(decoderModel(SHAPE, SEED, form));
  });
  afterAll(async () => {
    await session.release();
  });

  it('answers the same for a prompt at once and token by token', async () => {
    const whole = await prefill(session, PROMPT);
    let past = noPast(1);
    for (const [index, id] of PROMPT.entries()) {
      const step = await single(session, [id], index, past);
      past = step.past;
      expect(distance(step.logits[0]?.[0], whole.logits[0]?.[index])).toBeLessThan(TOLERANCE);
    }
    expect(past['past_key_values.0.key']?.dims).toEqual([1, SHAPE.kvHeads, PROMPT.length, WIDTH]);
  });

  it('writes greedy text that does not repeat itself', async () => {
    const written = await write(session, PROMPT, 40);

    expect(new Set(written).size).toBeGreaterThan(25);
  });

  it('looks at no later token', async () => {
    const { logits } = await prefill(session, PROMPT);
    const other = await prefill(session, [...PROMPT.slice(0, -1), 200]);

    expect(distance(logits[0]?.[7], other.logits[0]?.[7])).toBeLessThan(1e-6);
    expect(distance(logits[0]?.[8], other.logits[0]?.[8])).toBeGreaterThan(0.1);
  });
});

describe('the two forms of a decoder', () => {
  it('answer the same for the same seed, and not for another', async () => {
    const steps: Float32Array[] = [];
    for (const [form, seed] of [
      ['gqa', SEED],
      ['concat', SEED],
      ['concat', SEED + 1],
    ] as const) {
      const session = await open(decoderModel(SHAPE, seed, form));
      const { past } = await prefill(session, PROMPT);
      const { logits } = await single(session, [77], PROMPT.length, past);
      steps.push(logits[0]?.[0] ?? new Float32Array());
      await session.release();
    }

    expect(distance(steps[0], steps[1])).toBeLessThan(TOLERANCE);
    expect(distance(steps[0], steps[2])).toBeGreaterThan(0.1);
  });

  it('concat: rows padded on the left answer as they do alone', async () => {
    const session = await open(decoderModel(SHAPE, SEED, 'concat'));
    const gap = PROMPT.length - SHORT.length;
    const padding = new Array<number>(gap).fill(0);
    const first = await run(session, {
      ids: [PROMPT, [...padding, ...SHORT]],
      mask: [ones(PROMPT.length), [...padding, ...ones(SHORT.length)]],
      positions: [places(PROMPT.length), [...padding, ...places(SHORT.length)]],
      past: noPast(2),
    });
    const second = await run(session, {
      ids: [[77], [78]],
      mask: [ones(PROMPT.length + 1), [...padding, ...ones(SHORT.length + 1)]],
      positions: [[PROMPT.length], [SHORT.length]],
      past: first.past,
    });
    await expectAsAlone(session, [first.logits[0]?.at(-1), first.logits[1]?.at(-1)], second);
    await session.release();
  });

  it('gqa: rows padded on the right answer as they do alone, in caches with room', async () => {
    const session = await open(decoderModel(SHAPE, SEED, 'gqa'));
    const gap = new Array<number>(PROMPT.length - SHORT.length).fill(0);
    const first = await run(session, {
      ids: [PROMPT, [...SHORT, ...gap]],
      mask: [ones(PROMPT.length), [...ones(SHORT.length), ...gap]],
      positions: [],
      past: noPast(2, 32),
    });
    expect(first.past['past_key_values.1.value']?.dims).toEqual([2, SHAPE.kvHeads, 32, WIDTH]);
    const second = await run(session, {
      ids: [[77], [78]],
      mask: [ones(PROMPT.length + 1), [...ones(SHORT.length + 1), ...gap]],
      positions: [],
      past: first.past,
    });
    const ends = [first.logits[0]?.[PROMPT.length - 1], first.logits[1]?.[SHORT.length - 1]];
    await expectAsAlone(session, ends, second);
    await session.release();
  });

  it.each([
    { form: 'gqa', variant: 'int8', exclude: [], least: 0.97 },
    { form: 'gqa', variant: 'fp16', exclude: [], least: 0.999 },
    { form: 'concat', variant: 'int8', exclude: ['cos_cache/Gather', 'sin_cache/Gather'], least: 0.97 },
    { form: 'concat', variant: 'fp16', exclude: [], least: 0.999 },
  ] as const)(
    '$form becomes $variant that answers much the same',
    async ({ form, variant, exclude, least }) => {
      const bytes = decoderModel(SHAPE, SEED, form);
      const { bytes: small } = quantize(bytes, { variant, exclude });
      const answers: (Float32Array | undefined)[] = [];
      for (const one of [bytes, small]) {
        const session = await open(one);
        answers.push((await prefill(session, PROMPT)).logits[0]?.at(-1));
        await session.release();
      }

      expect(small.byteLength).toBeLessThan(bytes.byteLength * 0.6);
      expect(cosine(answers[0], answers[1])).toBeGreaterThan(least);
    },
  );

  it('hold only standard operators in the form concat', () => {
    const domains = decodeModel(decoderModel(SHAPE, SEED, 'concat')).graph.node.map(
      ({ domain = '' }) => domain,
    );

    expect(new Set(domains)).toEqual(new Set(['']));
  });

  it('refuse shapes that cannot be', () => {
    expect(() => decoderModel({ ...SHAPE, kvHeads: 3 }, SEED, 'gqa')).toThrow(/kvHeads/u);
    expect(() => decoderModel({ ...SHAPE, hidden: 62 }, SEED, 'gqa')).toThrow(/hidden/u);
    expect(() => decoderModel({ ...SHAPE, layers: 0 }, SEED, 'gqa')).toThrow(/layers/u);
    expect(() => decoderFiles({ ...SHAPE, vocabulary: 258 }, SEED, 'gqa')).toThrow(/vocabulary/u);
  });
});

describe('the folder of a decoder', () => {
  it('has the model, its configuration and a token for every id', () => {
    const files = decoderFiles(SHAPE, SEED, 'gqa');
    const json = (path: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(files.get(path) ?? []).toString()) as Record<string, unknown>;
    const { model, added_tokens } = json('tokenizer.json') as {
      model: { vocab: Record<string, number>; merges: [string, string][] };
      added_tokens: { id: number; content: string }[];
    };
    const ids = [...Object.values(model.vocab), ...added_tokens.map(({ id }) => id)];

    expect(
      Buffer.compare(files.get('model.fp32.onnx') ?? Buffer.of(), decoderModel(SHAPE, SEED, 'gqa')),
    ).toBe(0);
    expect(ids.toSorted((left, right) => left - right)).toEqual(places(SHAPE.vocabulary));
    for (const [left, right] of model.merges) expect(model.vocab).toHaveProperty([left + right]);
    expect(added_tokens.at(-1)).toMatchObject({
      id: json('config.json')['eos_token_id'],
      content: '<|im_end|>',
    });
    expect(json('config.json')['max_position_embeddings']).toBe(SHAPE.positions);
    expect(json('tokenizer_config.json')['chat_template']).toContain('<|im_start|>assistant');
  });
});

async function expectAsAlone(
  session: InferenceSession,
  ends: readonly (Float32Array | undefined)[],
  second: Step,
): Promise<void> {
  for (const [row, prompt] of [PROMPT, SHORT].entries()) {
    const alone = await prefill(session, prompt);
    const next = await single(session, [77 + row], prompt.length, alone.past);
    expect(distance(ends[row], alone.logits[0]?.at(-1))).toBeLessThan(TOLERANCE);
    expect(distance(second.logits[row]?.[0], next.logits[0]?.[0])).toBeLessThan(TOLERANCE);
  }
}

async function write(session: InferenceSession, prompt: readonly number[], count: number): Promise<number[]> {
  const written: number[] = [];
  let step = await prefill(session, prompt);
  while (written.length < count) {
    const scores = step.logits[0]?.at(-1) ?? new Float32Array();
    const best = scores.indexOf(Math.max(...scores));
    step = await single(session, [best], prompt.length + written.length, step.past);
    written.push(best);
  }
  return written;
}

const open = (bytes: Uint8Array): Promise<InferenceSession> =>
  InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });

const prefill = (session: InferenceSession, ids: readonly number[]): Promise<Step> =>
  single(session, ids, 0, noPast(1));

/** One row without padding, after `from` tokens. */
const single = (session: InferenceSession, ids: readonly number[], from: number, past: Past): Promise<Step> =>
  run(session, { ids: [ids], mask: [ones(from + ids.length)], positions: [places(ids.length, from)], past });

async function run(session: InferenceSession, { ids, mask, positions, past }: Batch): Promise<Step> {
  const isConcat = session.inputNames.includes('position_ids');
  const outputs = await session.run({
    input_ids: matrix(ids),
    attention_mask: matrix(mask),
    ...(isConcat && { position_ids: matrix(positions) }),
    ...past,
  });
  const scores = outputs['logits']?.data as Float32Array;
  const length = ids[0]?.length ?? 0;
  const present = Object.entries(outputs).filter(([name]) => name.startsWith('present.'));
  return {
    logits: ids.map((_, row) =>
      places(length, row * length).map((at) =>
        scores.slice(at * SHAPE.vocabulary, (at + 1) * SHAPE.vocabulary),
      ),
    ),
    past: Object.fromEntries(
      present.map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor as Tensor]),
    ),
  };
}

/** The largest difference of two answers; infinite where one is missing. */
function distance(left?: Float32Array, right?: Float32Array): number {
  if (left === undefined || right?.length !== left.length) return Number.POSITIVE_INFINITY;
  return Math.max(...left.map((value, index) => Math.abs(value - (right[index] ?? Number.NaN))));
}

function cosine(left: Float32Array = new Float32Array(), right: Float32Array = new Float32Array()): number {
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right));
}
