import { DomainError } from '@trivium/contracts';
import { type ModelManifest, serviceOf, type TensorSpec } from '@trivium/contracts/model-manifest';
import { type EnsembleStep, planSteps, producersOf, STEPS, stepsOf } from './ensemble-plan.js';

/** The manifest of a model by its name; undefined when there is none. */
export type ManifestLookup = (model: string) => ModelManifest | undefined;

/**
 * Refuses an ensemble that could not run: unknown models or names, values that nothing produces or nobody uses,
 * circles of steps or of ensembles, datatypes and shapes that do not fit, steps of another
 * service. Throws `invalid_request` with the path of the field. Models that do not state their
 * inputs or outputs are taken at their word when they run.
 */
export function checkEnsemble(manifest: ModelManifest, lookup: ManifestLookup): void {
  const steps = stepsOf(manifest);
  if (manifest.input.length === 0) throw invalid('An ensemble states its inputs', 'input');
  if (manifest.output.length === 0) throw invalid('An ensemble states its outputs', 'output');
  const models = steps.map((step, index) => modelOf(manifest, step, index, lookup));
  planSteps(manifest);
  refuseUnused(manifest, steps);
  const values = specsOf(manifest, steps, models);
  steps.forEach((step, index) => {
    const model = models[index];
    if (model !== undefined) checkInputs(step, index, model, values);
  });
  manifest.output.forEach((output, index) => {
    const value = values.get(output.name);
    if (value !== undefined) checkFit(value, specOf(output, manifest), `output[${index}]`);
  });
  refuseRecursion(manifest, lookup, [manifest.id]);
}

interface ValueSpec {
  readonly data_type: TensorSpec['data_type'];
  /** With the batch side. */
  readonly dims: readonly number[];
}

function invalid(message: string, param: string): DomainError {
  return new DomainError('invalid_request', message, { param });
}

function modelOf(
  manifest: ModelManifest,
  { model_name: name, input_map: inputs, output_map: outputs }: EnsembleStep,
  index: number,
  lookup: ManifestLookup,
): ModelManifest {
  const at = `${STEPS}[${index}]`;
  const model = name === manifest.id ? manifest : lookup(name);
  if (model === undefined) throw invalid(`There is no model ${name}`, `${at}.model_name`);
  if (serviceOf(model) !== serviceOf(manifest)) {
    throw invalid(
      `${name} runs in ${serviceOf(model)}, the ensemble in ${serviceOf(manifest)}`,
      `${at}.model_name`,
    );
  }
  if (manifest.max_batch_size > 0 && model.max_batch_size === 0) {
    throw invalid(`${name} has no batch side, and the ensemble has one`, `${at}.model_name`);
  }
  if (Object.keys(outputs).length === 0)
    throw invalid('A step without outputs is of no use', `${at}.output_map`);
  checkNames(name, model.input, inputs, `${at}.input_map`);
  checkNames(name, model.output, outputs, `${at}.output_map`);
  const missing = model.input.find((input) => !Object.hasOwn(inputs, input.name));
  if (missing !== undefined) throw invalid(`${name} needs its input '${missing.name}'`, `${at}.input_map`);
  return model;
}

function checkNames(
  model: string,
  specs: readonly TensorSpec[],
  map: Readonly<Record<string, string>>,
  param: string,
): void {
  if (specs.length === 0) return; // not stated; known when it is loaded
  const unknown = Object.keys(map).find((name) => !specs.some((spec) => spec.name === name));
  if (unknown === undefined) return;
  const known = specs.map(({ name }) => name).join(', ');
  throw invalid(`${model} has no '${unknown}'; it has: ${known}`, `${param}.${unknown}`);
}

function refuseUnused(manifest: ModelManifest, steps: readonly EnsembleStep[]): void {
  const producers = producersOf(manifest, steps);
  const used = new Set([
    ...steps.flatMap(({ input_map: inputs }) => Object.values(inputs)),
    ...manifest.output.map(({ name }) => name),
  ]);
  manifest.output.forEach(({ name }, index) => {
    if (typeof producers.get(name) === 'number') return;
    throw invalid(`No step produces the output '${name}'`, `output[${index}].name`);
  });
  manifest.input.forEach(({ name }, index) => {
    if (!used.has(name)) throw invalid(`No step uses the input '${name}'`, `input[${index}].name`);
  });
  steps.forEach(({ output_map: outputs }, index) => {
    const unused = Object.entries(outputs).find(([, value]) => !used.has(value));
    if (unused === undefined) return;
    throw invalid(`Nothing uses the value '${unused[1]}'`, `${STEPS}[${index}].output_map.${unused[0]}`);
  });
}

/** What is known of every value, from whoever produces it. */
function specsOf(
  manifest: ModelManifest,
  steps: readonly EnsembleStep[],
  models: readonly ModelManifest[],
): ReadonlyMap<string, ValueSpec> {
  const values = new Map(manifest.input.map((input) => [input.name, specOf(input, manifest)]));
  steps.forEach(({ output_map: outputs }, index) => {
    const model = models[index];
    for (const [output, value] of Object.entries(outputs)) {
      const spec = model?.output.find(({ name }) => name === output);
      if (model !== undefined && spec !== undefined) values.set(value, specOf(spec, model));
    }
  });
  return values;
}

function specOf({ data_type, dims }: TensorSpec, { max_batch_size: batch }: ModelManifest): ValueSpec {
  return { data_type, dims: batch > 0 ? [-1, ...dims] : dims };
}

function checkInputs(
  step: EnsembleStep,
  index: number,
  model: ModelManifest,
  values: ReadonlyMap<string, ValueSpec>,
): void {
  for (const input of model.input) {
    const name = step.input_map[input.name];
    const value = name === undefined ? undefined : values.get(name);
    if (value !== undefined)
      checkFit(value, specOf(input, model), `${STEPS}[${index}].input_map.${input.name}`);
  }
}

function checkFit(value: ValueSpec, wanted: ValueSpec, param: string): void {
  if (value.data_type !== wanted.data_type) {
    throw invalid(`${wanted.data_type} is wanted, the value is ${value.data_type}`, param);
  }
  const fits =
    value.dims.length === wanted.dims.length &&
    value.dims.every(
      (side, index) => side === -1 || wanted.dims[index] === -1 || side === wanted.dims[index],
    );
  if (fits) return;
  throw invalid(`[${wanted.dims.join(', ')}] is wanted, the value is [${value.dims.join(', ')}]`, param);
}

/** Through other ensembles too. */
function refuseRecursion(manifest: ModelManifest, lookup: ManifestLookup, path: readonly string[]): void {
  manifest.ensemble_scheduling?.step.forEach(({ model_name: name }, index) => {
    if (path.includes(name)) {
      throw invalid(
        `Ensembles contain each other: ${[...path, name].join(' > ')}`,
        path.length === 1 ? `${STEPS}[${index}].model_name` : STEPS,
      );
    }
    const inner = lookup(name);
    if (inner !== undefined) refuseRecursion(inner, lookup, [...path, name]);
  });
}
