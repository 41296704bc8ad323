import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { answerLastLogits } from '../src/graph/last-logits.js';
import { decodeModel, encodeModel } from '../src/graph/onnx-format.js';
import { quantize } from '../src/quantization/quantize.js';
import { decoderModel, GraphBuilder, TINY_DECODER as SHAPE } from '../src/synthesis/synthesis.js';

const PROMPTS = [
  [5, 300, 17, 42, 256],
  [11, 402, 9, 64, 8],
];
const WIDTH = SHAPE.hidden / SHAPE.heads;

async function logitsOf(bytes: Uint8Array, inPlace: boolean): Promise<Tensor> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    logSeverityLevel: 2,
    // Without it 16-bit sums overflow on processors without VNNI, and differ with the number of rows.
    extra: { session: { x64quantprecision: '1' } },
  });
  const [rows, columns] = [PROMPTS.length, PROMPTS[0]?.length ?? 0];
  const ids = BigInt64Array.from(PROMPTS.flat(), BigInt);
  const feeds: Record<string, Tensor> = {
    input_ids: new Tensor('int64', ids, [rows, columns]),
    attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [rows, columns]),
  };
  if (session.inputNames.includes('position_ids')) {
    const positions = BigInt64Array.from(ids, (_, index) => BigInt(index % columns));
    feeds['position_ids'] = new Tensor('int64', positions, [rows, columns]);
  }
  const room = inPlace ? 16 : 0;
  for (const name of session.inputNames.filter((one) => one.startsWith('past'))) {
    const data = new Float32Array(rows * SHAPE.kvHeads * room * WIDTH);
    feeds[name] = new Tensor('float32', data, [rows, SHAPE.kvHeads, room, WIDTH]);
  }
  const { logits } = await session.run(feeds, ['logits']);
  await session.release();
  if (logits === undefined) throw new Error('no logits');
  return logits;
}

describe.each(['gqa', 'concat'] as const)('a decoder of the form %s', (form) => {
  it.each(['fp32', 'int8', 'int4', 'fp16'] as const)(
    'in %s answers its last logits, and no others',
    async (variant) => {
      const bytes = decoderModel(SHAPE, 21, form);
      const whole = variant === 'fp32' ? bytes : quantize(bytes, { variant }).bytes;
      const model = decodeModel(whole);

      expect(answerLastLogits(model)).toBe(true);
      const [all, last] = [
        await logitsOf(whole, form === 'gqa'),
        await logitsOf(encodeModel(model), form === 'gqa'),
      ];

      const { vocabulary } = SHAPE;
      expect(last.dims).toEqual([2, 1, vocabulary]);
      for (const row of PROMPTS.keys()) {
        const from = (row * 5 + 4) * vocabulary;
        const wanted = (all.data as Float32Array).subarray(from, from + vocabulary);
        const got = (last.data as Float32Array).subarray(row * vocabulary, (row + 1) * vocabulary);
        // What is rounded together with fewer others is rounded otherwise.
        expect(cosine(wanted, got)).toBeGreaterThan(variant === 'int8' ? 0.999 : 0.999_999);
      }
    },
  );
});

describe('graphs whose end is not recognised stay as they are', () => {
  const build = (end: (graph: GraphBuilder, state: string) => void) => {
    const graph = new GraphBuilder('end');
    const ids = graph.input('input_ids', 'INT64', ['batch', 'sequence']);
    graph.output('logits', 'FLOAT', ['batch', 'sequence', 8]);
    end(graph, graph.node('Gather', [graph.weights('embedding', [8, 4], 1), ids]));
    return graph;
  };
  const head = (graph: GraphBuilder, state: string, output: string) =>
    graph.node('MatMul', [state, graph.weights(`${output}.weight`, [4, 8], 1)], { outputs: [output] });

  it.each([
    [
      'logits that are no product',
      (graph: GraphBuilder, state: string) => {
        graph.node('Softmax', [head(graph, state, 'scores')], { outputs: ['logits'] });
      },
    ],
    [
      'a sum of two states',
      (graph: GraphBuilder, state: string) => {
        const other = graph.node('Relu', [state]);
        graph.node('Add', [head(graph, state, 'one'), head(graph, other, 'other')], { outputs: ['logits'] });
      },
    ],
    [
      'scores that somebody else reads',
      (graph: GraphBuilder, state: string) => {
        const scores = head(graph, state, 'scores');
        graph.node('Cast', [scores], { outputs: ['logits'], attributes: { to: 1 } });
        graph.output('scores', 'FLOAT', ['batch', 'sequence', 8]);
      },
    ],
  ] as const)('%s', (_, end) => {
    const model = build(end).proto();
    const before = encodeModel(model);

    expect(answerLastLogits(model)).toBe(false);
    expect(encodeModel(model)).toEqual(before);
  });
});

function cosine(one: Float32Array, other: Float32Array): number {
  let [product, left, right] = [0, 0, 0];
  for (const [index, value] of one.entries()) {
    product += value * (other[index] ?? 0);
    left += value * value;
    right += (other[index] ?? 0) ** 2;
  }
  return product / Math.sqrt(left * right);
}
