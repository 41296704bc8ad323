import { DomainError } from '@trivium/contracts';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { describe, expect, it } from 'vitest';
import { settled } from '../clock/fake-clock.js';
import { checkEnsemble } from './check-ensemble.js';
import { Ensemble, type RunStep } from './ensemble.js';

type Steps = NonNullable<ModelManifestInput['ensemble_scheduling']>['step'];
const spec = (name: string, data_type: 'FP32' | 'INT64' = 'FP32', dims = [4]) => ({ name, data_type, dims });

const model = (id: string, fields: Partial<ModelManifestInput> = {}): ModelManifest =>
  ModelManifest.parse({
    id,
    task: 'embed',
    licence: 'MIT',
    input: [spec('x')],
    output: [spec('y')],
    ...fields,
  });

const STEPS: Steps = [
  { model_name: 'join', input_map: { a: 'left', b: 'right' }, output_map: { y: 'out' } },
  { model_name: 'one', input_map: { x: 'in' }, output_map: { y: 'left' } },
  { model_name: 'two', input_map: { x: 'in' }, output_map: { y: 'right' } },
];
const MODELS = [model('one'), model('two'), model('join', { input: [spec('a'), spec('b')] })];
const ensemble = (step: Steps = STEPS, fields: Partial<ModelManifestInput> = {}): ModelManifest =>
  model('both', {
    platform: 'ensemble',
    input: [spec('in')],
    output: [spec('out')],
    ensemble_scheduling: { step },
    ...fields,
  });
const check = (manifest: ModelManifest, models = MODELS) =>
  checkEnsemble(manifest, (name) => models.find(({ id }) => id === name));
const [JOIN, ONE, TWO] = STEPS as [Steps[0], Steps[0], Steps[0]];

const INPUT: Tensor = { name: 'in', datatype: 'FP32', shape: [1], data: new Uint8Array(4) };
const echo: RunStep = async (_step, [first], { outputs }) => ({
  outputs: outputs.map((name) => ({ ...(first ?? INPUT), name })),
  queueMs: 1,
  computeMs: 2,
});

describe('checkEnsemble', () => {
  it('accepts a graph in any order of its steps', () => {
    expect(() => check(ensemble())).not.toThrow();
  });

  it.each<[string, string, ModelManifest, ModelManifest[]?]>([
    [
      'an unknown model',
      'ensemble_scheduling.step[0].model_name',
      ensemble([{ ...JOIN, model_name: 'none' }, ONE, TWO]),
    ],
    [
      'an unknown input',
      'ensemble_scheduling.step[1].input_map.z',
      ensemble([JOIN, { ...ONE, input_map: { x: 'in', z: 'in' } }, TWO]),
    ],
    [
      'a missing input',
      'ensemble_scheduling.step[0].input_map',
      ensemble([{ ...JOIN, input_map: { a: 'left' } }, ONE, TWO]),
    ],
    [
      'an unknown output',
      'ensemble_scheduling.step[1].output_map.z',
      ensemble([JOIN, { ...ONE, output_map: { z: 'left' } }, TWO]),
    ],
    [
      'a value from nowhere',
      'ensemble_scheduling.step[1].input_map.x',
      ensemble([JOIN, { ...ONE, input_map: { x: 'nowhere' } }, TWO]),
    ],
    [
      'a value produced twice',
      'ensemble_scheduling.step[2].output_map.y',
      ensemble([JOIN, ONE, { ...TWO, output_map: { y: 'left' } }]),
    ],
    [
      'steps in a circle',
      'ensemble_scheduling.step[0].input_map',
      ensemble([JOIN, { ...ONE, input_map: { x: 'out' } }, TWO]),
    ],
    ['an output of no step', 'output[1].name', ensemble(STEPS, { output: [spec('out'), spec('more')] })],
    ['an unused input', 'input[1].name', ensemble(STEPS, { input: [spec('in'), spec('more')] })],
    [
      'an unused value',
      'ensemble_scheduling.step[3].output_map.y',
      ensemble([...STEPS, { ...TWO, output_map: { y: 'spare' } }]),
    ],
    [
      'another datatype',
      'ensemble_scheduling.step[1].input_map.x',
      ensemble(),
      [model('one', { input: [spec('x', 'INT64')] }), ...MODELS.slice(1)],
    ],
    [
      'another shape',
      'ensemble_scheduling.step[0].input_map.a',
      ensemble(),
      [model('one', { output: [spec('y', 'FP32', [5])] }), ...MODELS.slice(1)],
    ],
    [
      'another service',
      'ensemble_scheduling.step[1].model_name',
      ensemble(),
      [model('one', { task: 'embed-image' }), ...MODELS.slice(1)],
    ],
    [
      'itself',
      'ensemble_scheduling.step[1].model_name',
      ensemble([
        JOIN,
        { ...ONE, model_name: 'both', input_map: { in: 'in' }, output_map: { out: 'left' } },
        TWO,
      ]),
    ],
  ])('refuses %s', (_what, param, manifest, models = MODELS) => {
    expect(() => check(manifest, models)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });
});

describe('Ensemble', () => {
  it('runs steps that do not need each other side by side', async () => {
    const begun: string[] = [];
    const gate = Promise.withResolvers<void>();
    const run = new Ensemble(ensemble()).run([INPUT], async (step, inputs, options) => {
      begun.push(step.model_name);
      await gate.promise;
      return echo(step, inputs, options);
    });
    await settled();
    expect(begun).toEqual(['one', 'two']);
    gate.resolve();

    const { outputs, steps } = await run;
    expect(outputs.map(({ name }) => name)).toEqual(['out']);
    expect(steps.map(({ model: name, computeMs }) => [name, computeMs])).toEqual([
      ['join', 2],
      ['one', 2],
      ['two', 2],
    ]);
  });

  it('names the step that fails, stops the ones beside it, and runs none behind it', async () => {
    const begun: string[] = [];
    const run = new Ensemble(ensemble()).run([INPUT], (step, _inputs, { signal }) => {
      begun.push(step.model_name);
      if (step.model_name === 'two') throw new DomainError('invalid_request', 'wrong', { param: 'x' });
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });

    await expect(run).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'Step 2 (two): wrong',
      details: { step: 2, model: 'two' },
    });
    expect(begun).toEqual(['one', 'two']);
  });

  it('limits the requests in a step, and refuses more than may wait', async () => {
    const gate = Promise.withResolvers<void>();
    const manifest = ensemble([{ ...ONE, max_inflight_requests: 1, output_map: { y: 'out' } }], {
      dynamic_batching: { default_queue_policy: { max_queue_size: 1 } },
    });
    let inside = 0;
    let most = 0;
    const subject = new Ensemble(manifest);
    const held: RunStep = async (step, inputs, options) => {
      inside += 1;
      most = Math.max(most, inside);
      await gate.promise;
      inside -= 1;
      return echo(step, inputs, options);
    };
    const runs = [1, 2, 3].map(() => subject.run([INPUT], held));
    const refused = expect(runs[2]).rejects.toMatchObject({ code: 'overloaded', details: { step: 0 } });
    await refused;
    gate.resolve();
    await Promise.all(runs.slice(0, 2));

    expect(most).toBe(1);
  });

  it('starts no step after the caller has left', async () => {
    const caller = new AbortController();
    const begun: string[] = [];
    const run = new Ensemble(ensemble()).run(
      [INPUT],
      (step, inputs, options) => {
        begun.push(step.model_name);
        caller.abort(new Error('left'));
        return echo(step, inputs, options);
      },
      { signal: caller.signal },
    );

    await expect(run).rejects.toThrow('left');
    expect(begun).not.toContain('join');
  });
});
