import { DomainError } from '@trivium/contracts';
import type { ModelManifest, TensorSpec } from '@trivium/contracts/model-manifest';
import type { TensorFacts, TensorMetadata } from './tensor-task.js';

/**
 * The manifest with its inputs and outputs filled in from the model's file where it states none. Throws
 * `model_not_available` that names the field when the two disagree.
 */
export function completeManifest(manifest: ModelManifest, facts: TensorFacts): ModelManifest {
  const batched = manifest.max_batch_size > 0;
  const input =
    manifest.input.length === 0
      ? facts.inputs.map((one, index) => ({ ...specOf(one, batched, `input[${index}]`), allow_nan: false }))
      : agreed(manifest.input, facts.inputs, batched, 'input');
  const output =
    manifest.output.length === 0
      ? facts.outputs.map((one, index) => specOf(one, batched, `output[${index}]`))
      : agreed(manifest.output, facts.outputs, batched, 'output');
  const { cost } = manifest.dynamic_batching;
  if (cost.input !== undefined && !input.some(({ name }) => name === cost.input)) {
    throw mismatch('dynamic_batching.cost.input', `the model has no input '${cost.input}'`);
  }
  return { ...manifest, input, output };
}

function specOf({ name, datatype, sides }: TensorMetadata, batched: boolean, at: string): TensorSpec {
  const own = batched ? sides.slice(1) : sides;
  if (batched && (sides.length === 0 || (typeof sides[0] === 'number' && sides[0] !== -1))) {
    throw mismatch(
      'max_batch_size',
      `${at} '${name}' has no batch side that varies: [${sides.join(', ')}]; set it to 0`,
    );
  }
  return { name, data_type: datatype, dims: own.map((side) => (typeof side === 'number' ? side : -1)) };
}

function agreed<Spec extends TensorSpec>(
  specs: readonly Spec[],
  metadata: readonly TensorMetadata[],
  batched: boolean,
  field: 'input' | 'output',
): Spec[] {
  const unnamed = metadata.find(({ name }) => !specs.some((spec) => spec.name === name));
  if (field === 'input' && unnamed !== undefined) {
    throw mismatch(field, `the model's file also has an input '${unnamed.name}'`);
  }
  return specs.map((spec, index) => {
    const at = `${field}[${index}]`;
    const found = metadata.find(({ name }) => name === spec.name);
    if (found === undefined) throw mismatch(`${at}.name`, `the model's file has no ${field} '${spec.name}'`);
    const own = specOf(found, batched, at);
    if (own.data_type !== spec.data_type) {
      throw mismatch(`${at}.data_type`, `the model's file says ${own.data_type}, not ${spec.data_type}`);
    }
    const fits =
      own.dims.length === spec.dims.length &&
      own.dims.every((side, axis) => side === -1 || spec.dims[axis] === -1 || spec.dims[axis] === side);
    if (!fits) {
      throw mismatch(
        `${at}.dims`,
        `the model's file says [${own.dims.join(', ')}], not [${spec.dims.join(', ')}]`,
      );
    }
    return spec;
  });
}

function mismatch(field: string, message: string): DomainError {
  return new DomainError('model_not_available', `model.yaml, ${field}: ${message}`, { param: field });
}
