import { denseClassifier, encoderModel } from '@trivium/onnx/synthesis';
import { describe, expect, it } from 'vitest';
import { caller, engines, floats, longs, manifestOf, uniqueId } from './engine-kit.js';
import { until } from './registry-kit.js';

const { replica, publish } = engines();

describe('a candidate version', () => {
  it('is compared with the serving one on copies of requests, and promoted', async () => {
    const one = await replica();
    const id = uniqueId('encoder');
    const model = encoderModel();
    await one.engine.put(manifestOf(id, model));
    await publish(one, id, { 'model.onnx': model.bytes });
    await one.engine.update({
      model: id,
      rollout: {
        candidate: '2',
        mode: 'shadow',
        percent: 100,
        samples: 5,
        metric: 'cosine',
        minAgreement: 0.99,
        maxLatencyRatio: 1_000,
        maxFailureRate: 0,
      },
    });
    await publish(one, id, { 'model.onnx': model.bytes, 'labels.txt': Buffer.from('the same, with labels') });
    const served: string[] = [];
    await until(async () => {
      const { version } = await one.engine.infer(
        {
          model: id,
          inputs: [longs('input_ids', [1, 2, 3]), longs('attention_mask', [1, 1, 1])],
          cache: 'use',
        },
        caller(),
      );
      served.push(version);
      return version === '2';
    }, 60_000);

    expect(served[0]).toBe('1');
    expect(one.engine.list(id)[0]).toMatchObject({
      servingVersion: '2',
      rollout: { state: 'promoted', compared: 5 },
    });
  });

  it('that answers otherwise is rolled back, and nobody was served by it', async () => {
    const one = await replica();
    const id = uniqueId('classifier');
    await one.engine.put(manifestOf(id, denseClassifier()));
    await publish(one, id, { 'model.onnx': denseClassifier().bytes });
    await one.engine.update({
      model: id,
      rollout: {
        candidate: '2',
        mode: 'shadow',
        percent: 100,
        samples: 5,
        metric: 'max-absolute-error',
        minAgreement: 1e-3,
        maxLatencyRatio: 1_000,
        maxFailureRate: 0,
      },
    });
    await publish(one, id, { 'model.onnx': denseClassifier({ seed: 77 }).bytes });
    const served = new Set<string>();
    await until(async () => {
      const values = Array.from({ length: 16 }, (_, index) => index / 4);
      const request = { model: id, inputs: [floats('features', [1, 16], values)], cache: 'use' as const };
      served.add((await one.engine.infer(request, caller())).version);
      return one.engine.list(id)[0]?.rollout?.state === 'rolled-back';
    }, 60_000);

    expect(served).toEqual(new Set(['1']));
    expect(one.engine.list(id)[0]).toMatchObject({ servingVersion: '1' });
  });
});
