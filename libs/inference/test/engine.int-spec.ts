import { addModel, denseClassifier, unknownOperatorModel } from '@trivium/onnx/synthesis';
import { describe, expect, it } from 'vitest';
import { caller, engines, floats, manifestOf, sum, uniqueId, valuesOf } from './engine-kit.js';
import { until } from './registry-kit.js';

const { replica, publish } = engines();

describe('a model', () => {
  it('published on one replica answers on all, loaded with the first request', async () => {
    const one = await replica();
    const other = await replica();
    const id = uniqueId('add');
    await one.engine.put(manifestOf(id, addModel()));
    await publish(one, id, { 'model.fp32.onnx': addModel().bytes });
    await until(() => other.engine.list().some((model) => model.id === id));

    for (const { engine } of [one, other]) {
      const answer = await engine.infer(sum(id, 2), caller());
      expect(valuesOf(answer.outputs[0])).toEqual([3, 3, 3, 3]);
      expect(answer).toMatchObject({ model: id, version: '1', variant: 'fp32', cache: 'bypass' });
      expect(answer.explain).toMatchObject({ placement: 'cpu', batchSize: 1, batchMates: 1 });
      expect(answer.explain.loadMs).toBeGreaterThan(0);
    }
    const [{ versions = [] } = {}] = one.engine.list(id);
    expect(versions[0]).toMatchObject({ state: 'READY', reason: '' });
    expect(versions[0]?.memoryBytes).toBeGreaterThan(10 * 1024 ** 2);
  });

  it('with a new version answers with the old one until the new one is ready', async () => {
    const one = await replica();
    const id = uniqueId('classifier');
    const model = denseClassifier();
    await one.engine.put(manifestOf(id, model));
    await publish(one, id, { 'model.onnx': model.bytes });
    const request = {
      model: id,
      inputs: [floats('features', [1, 16], Array<number>(16).fill(1))],
      cache: 'use' as const,
    };
    expect(await one.engine.infer(request, caller())).toMatchObject({ version: '1' });

    await publish(one, id, { 'model.onnx': denseClassifier({ seed: 99 }).bytes });
    const versions: string[] = [];
    await until(async () => {
      const { version } = await one.engine.infer(request, caller());
      versions.push(version);
      return version === '2';
    }, 30_000);
    expect(new Set(versions)).toEqual(new Set(['1', '2']));
  });

  it('whose new version does not load goes on with the old one', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.engine.put(manifestOf(id, addModel()));
    await publish(one, id, { 'model.onnx': addModel().bytes });
    expect(await one.engine.infer(sum(id, 1), caller())).toMatchObject({ version: '1' });
    await publish(one, id, { 'model.onnx': unknownOperatorModel().bytes });
    await until(() => one.engine.list(id)[0]?.versions[1]?.reason.includes('load') === true, 30_000);

    expect(await one.engine.infer(sum(id, 1), caller())).toMatchObject({ version: '1' });
    await expect(one.engine.infer({ ...sum(id, 1), version: '2' }, caller())).rejects.toMatchObject({
      code: 'model_not_available',
    });
  });

  it('that is pinned keeps the version that serves, not the one before it', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.engine.put(manifestOf(id, addModel(), { keep_alive_ms: 0 }));
    await publish(one, id, { 'model.onnx': addModel().bytes });
    await one.engine.update({ model: id, pinned: true });
    await one.engine.infer(sum(id, 1), caller());
    expect(one.engine.list(id)[0]?.versions).toMatchObject([{ state: 'READY' }]);

    await publish(one, id, { 'model.onnx': addModel().bytes });
    const versions = () => one.engine.list(id)[0]?.versions;
    await until(() => versions()?.[1]?.state === 'READY' && versions()?.[0]?.state === 'UNAVAILABLE', 30_000);
    expect(versions()).toMatchObject([{ reason: 'outside the version policy' }, { reason: '' }]);
  });

  it('gives its memory back when it is unloaded, and loads again', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.engine.put(manifestOf(id, addModel()));
    await publish(one, id, { 'model.onnx': addModel().bytes });
    await one.engine.load({ model: id, wait: true }, new AbortController().signal);
    expect(one.engine.list(id)[0]?.versions[0]?.state).toBe('READY');
    const [version] = await one.engine.unload({ model: id });

    expect(version).toMatchObject({ state: 'UNAVAILABLE', memoryBytes: 0 });
    expect(valuesOf((await one.engine.infer(sum(id, 4), caller())).outputs[0])).toEqual([5, 5, 5, 5]);
  });

  it('whose manifest names no tensors shows those of its file once it was loaded', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.engine.put(manifestOf(id, addModel(), { input: [], output: [] }));
    await publish(one, id, { 'model.onnx': addModel().bytes });
    expect(valuesOf((await one.engine.infer(sum(id, 4), caller())).outputs[0])).toEqual([5, 5, 5, 5]);

    expect(one.engine.list(id)[0]?.manifest).toMatchObject({
      input: [
        { name: 'a', data_type: 'FP32', dims: [4] },
        { name: 'b', data_type: 'FP32', dims: [4] },
      ],
      output: [{ name: 'sum', data_type: 'FP32', dims: [4] }],
    });
  });

  it('that is not there, or not of this version, is named', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await expect(one.engine.infer(sum(id, 1), caller())).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'model',
    });
    await one.engine.put(manifestOf(id, addModel()));
    await expect(one.engine.infer(sum(id, 1), caller())).rejects.toMatchObject({
      code: 'model_not_available',
    });
    await publish(one, id, { 'model.onnx': addModel().bytes });
    await expect(one.engine.infer({ ...sum(id, 1), version: '7' }, caller())).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'version',
    });
    await expect(one.engine.infer({ ...sum(id, 1), variant: 'int8' }, caller())).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'variant',
    });
  });

  it('makes room for another one under the memory budget', async () => {
    const one = await replica({ MODELS_MEMORY_MB: '190' });
    const ids = [uniqueId('add'), uniqueId('add')];
    for (const id of ids) {
      await one.engine.put(manifestOf(id, addModel()));
      await publish(one, id, { 'model.onnx': addModel().bytes });
      await one.engine.infer(sum(id, 1), caller());
    }
    const states = ids.map((id) => one.engine.list(id)[0]?.versions[0]?.state);

    expect(states).toEqual(['UNAVAILABLE', 'READY']);
  });
});
