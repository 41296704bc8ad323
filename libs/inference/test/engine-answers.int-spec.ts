import { ModelManifest } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { quantize } from '@trivium/onnx';
import { addModel, encoderModel, identityModel, slowModel, TINY_ENCODER } from '@trivium/onnx/synthesis';
import { agreementOf } from '@trivium/serving';
import { describe, expect, it } from 'vitest';
import { caller, engines, floats, longs, manifestOf, sum, uniqueId, valuesOf } from './engine-kit.js';
import { until } from './registry-kit.js';

const { replica, publish } = engines();

describe('instances of one model', () => {
  it('stand in for one that does not answer', async () => {
    const one = await replica();
    const id = uniqueId('add');
    const elsewhere = { kind: 'KIND_REMOTE', url: 'http://127.0.0.1:9', model: 'add' } as const;
    const here = { kind: 'KIND_CPU', count: 1 } as const;
    await one.engine.put(manifestOf(id, addModel(), { instance_group: [elsewhere, here] }));
    await publish(one, id, { 'model.onnx': addModel().bytes });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => one.engine.infer(sum(id, 2), caller())),
    );

    expect(answers.map(({ outputs }) => valuesOf(outputs[0]))).toEqual(Array(8).fill([3, 3, 3, 3]));
    expect(new Set(answers.map(({ explain }) => explain.placement))).toEqual(new Set(['cpu']));
  });
});

describe('a variant', () => {
  it('is chosen by the request, and named by the answer', async () => {
    const one = await replica();
    const id = uniqueId('encoder');
    const { bytes, manifest } = encoderModel();
    await one.engine.put(manifestOf(id, { bytes, manifest }));
    const int8 = quantize(bytes, { variant: 'int8', leastWeights: 1 }).bytes;
    await publish(one, id, { 'model.fp32.onnx': bytes, 'model.int8.onnx': int8 });
    const request = {
      model: id,
      inputs: [longs('input_ids', [1, 1, 1]), longs('attention_mask', [1, 1, 1])],
      cache: 'use' as const,
    };
    const usual = await one.engine.infer(request, caller());
    const small = await one.engine.infer({ ...request, variant: 'int8' }, caller());

    expect([usual.variant, small.variant]).toEqual(['fp32', 'int8']);
    expect(agreementOf('cosine', usual.outputs, small.outputs)).toBeGreaterThan(0.99);
  });

  it('changes under load where the policy says so, and back', async () => {
    const one = await replica();
    const id = uniqueId('slow');
    const { bytes, manifest } = slowModel();
    const variant_policy = {
      default: 'fp32',
      under_load: { variant: 'int8', above_queue_ms: 20, below_queue_ms: 5 },
    } as const;
    await one.engine.put(manifestOf(id, { bytes, manifest }, { variant_policy }));
    // The same file under both names: what is tried here is who answers, not how well.
    await publish(one, id, { 'model.fp32.onnx': bytes, 'model.int8.onnx': bytes });
    const side = manifest.input?.find(({ name }) => name === 'x')?.dims ?? [];
    const elements = side.reduce((product, one) => product * one, 1);
    const request = {
      model: id,
      inputs: [
        floats('x', side, Array<number>(elements).fill(0.01)),
        { name: 'rounds', datatype: 'INT64', shape: [], data: new Uint8Array(BigInt64Array.of(200n).buffer) },
      ] satisfies Tensor[],
      cache: 'use' as const,
    };
    await one.engine.infer(request, caller());
    const inFlight: Promise<string>[] = [];
    for (let index = 0; index < 64; index += 1) {
      inFlight.push(one.engine.infer(request, caller()).then(({ variant }) => variant));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const busy = await Promise.all(inFlight);
    const calm = (await one.engine.infer(request, caller())).variant;

    expect(new Set(busy)).toEqual(new Set(['fp32', 'int8']));
    expect(calm).toBe('fp32');
  });
});

describe('answers', () => {
  it('are kept where the manifest says so, for their tenant alone', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.engine.put(manifestOf(id, addModel(), { response_cache: { enable: true } }));
    await publish(one, id, { 'model.onnx': addModel().bytes });
    const ask = async (tenant: string, cache: 'use' | 'bypass' = 'use') =>
      (await one.engine.infer({ ...sum(id, 3), cache }, caller(tenant))).cache;

    expect(await ask('a')).toBe('miss');
    expect(await ask('a')).toBe('hit');
    expect(await ask('b')).toBe('miss');
    expect(await ask('a', 'bypass')).toBe('bypass');
  });

  it('of identical work in flight are computed once, across replicas', async () => {
    const replicas = [await replica(), await replica()];
    const [first] = replicas;
    const id = uniqueId('add');
    await first?.engine.put(manifestOf(id, addModel(), { response_cache: { enable: true } }));
    if (first !== undefined) await publish(first, id, { 'model.onnx': addModel().bytes });
    await until(() => replicas.every(({ engine }) => engine.list().some((model) => model.id === id)));
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) => replicas[index % 2]?.engine.infer(sum(id, 7), caller())),
    );
    const inferences = replicas
      .flatMap(({ engine }) => engine.statistics(id))
      .reduce((total, { inferenceCount }) => total + inferenceCount, 0);

    expect(answers.map((answer) => valuesOf(answer?.outputs[0]))).toEqual(Array(16).fill([8, 8, 8, 8]));
    expect(inferences).toBe(1);
  });
});

describe('states of tokens', () => {
  it('are one vector where that was asked, also when the whole was kept before', async () => {
    const one = await replica();
    const id = uniqueId('states');
    const { bytes, manifest } = encoderModel(TINY_ENCODER, 17, { output: 'last_hidden_state' });
    await one.engine.put(manifestOf(id, { bytes, manifest }, { response_cache: { enable: true } }));
    await publish(one, id, { 'model.onnx': bytes });
    const whole = {
      model: id,
      inputs: [longs('input_ids', [1, 2, 3]), longs('attention_mask', [1, 1, 1])],
      cache: 'use' as const,
    };
    const pooling = { output: 'last_hidden_state', mask: 'attention_mask', mode: 'mean' } as const;
    const first = { ...pooling, mode: 'cls' } as const;
    const states = await one.engine.infer(whole, caller());
    const mean = await one.engine.infer({ ...whole, pooling }, caller());
    const cls = await one.engine.infer({ ...whole, pooling: first }, caller());
    const again = await one.engine.infer({ ...whole, pooling }, caller());
    const values = valuesOf(states.outputs[0]);

    expect(states.outputs[0]?.shape).toEqual([1, 3, 32]);
    expect([mean.cache, cls.cache, again.cache]).toEqual(['miss', 'miss', 'hit']);
    expect(valuesOf(cls.outputs[0])).toEqual(values.slice(0, 32));
    valuesOf(again.outputs[0]).forEach((value, channel) => {
      const own = values.filter((_, index) => index % 32 === channel);
      expect(value).toBeCloseTo(own.reduce((sum, one) => sum + one, 0) / 3, 6);
    });
  });
});

describe('an ensemble', () => {
  it('runs its steps with the names of its own values', async () => {
    const one = await replica();
    const [add, identity, both] = [uniqueId('add'), uniqueId('identity'), uniqueId('both')];
    await one.engine.put(manifestOf(add, addModel()));
    await publish(one, add, { 'model.onnx': addModel().bytes });
    await one.engine.put(manifestOf(identity, identityModel()));
    await publish(one, identity, { 'model.onnx': identityModel().bytes });
    await one.engine.put(
      ModelManifest.parse({
        id: both,
        task: 'tensors',
        licence: 'MIT',
        platform: 'ensemble',
        max_batch_size: 8,
        input: [
          { name: 'left', data_type: 'FP32', dims: [4] },
          { name: 'right', data_type: 'FP32', dims: [4] },
        ],
        output: [{ name: 'result', data_type: 'FP32', dims: [4] }],
        ensemble_scheduling: {
          step: [
            { model_name: add, input_map: { a: 'left', b: 'right' }, output_map: { sum: 'middle' } },
            { model_name: identity, input_map: { x: 'middle' }, output_map: { y: 'result' } },
          ],
        },
      }),
    );
    const answer = await one.engine.infer(
      {
        model: both,
        inputs: [floats('left', [1, 4], [1, 2, 3, 4]), floats('right', [1, 4], [1, 1, 1, 1])],
        cache: 'use',
      },
      caller(),
    );

    expect(answer.outputs.map(({ name }) => name)).toEqual(['result']);
    expect(valuesOf(answer.outputs[0])).toEqual([2, 3, 4, 5]);
    expect(answer.explain.steps?.map(({ model }) => model)).toEqual([add, identity]);
    expect(one.engine.list(both)[0]).toMatchObject({ servingVersion: '1' });
  });
});
