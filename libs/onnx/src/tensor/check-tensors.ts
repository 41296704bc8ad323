import { DomainError } from '@trivium/contracts';
import type { ModelManifest, TensorSpec } from '@trivium/contracts/model-manifest';
import { DATATYPE_BYTES, elementCount, type Tensor } from '@trivium/contracts/tensor';

/**
 * Refuses tensors that the model cannot take, before they wait for it. Throws `invalid_request` whose
 * `param` names the tensor and its field: `inputs[1].shape`.
 */
export function checkTensors(
  manifest: ModelManifest,
  inputs: readonly Tensor[],
  outputs?: readonly string[] | undefined,
): void {
  const batched = manifest.max_batch_size > 0;
  inputs.forEach((tensor, index) => checkInput(manifest, tensor, index, inputs, batched));
  const missing = manifest.input.find(({ name }) => !inputs.some((tensor) => tensor.name === name));
  if (missing !== undefined) throw refuse(`${manifest.id} needs the input '${missing.name}'`, 'inputs');
  if (batched) checkBatch(manifest, inputs);
  outputs?.forEach((name, index) => {
    if (!manifest.output.some((one) => one.name === name)) {
      const known = manifest.output.map((one) => one.name).join(', ');
      throw refuse(`${manifest.id} has no output '${name}'; it has: ${known}`, `outputs[${index}].name`);
    }
    if (outputs.indexOf(name) < index) throw refuse(`'${name}' is asked for twice`, `outputs[${index}].name`);
  });
}

function checkInput(
  manifest: ModelManifest,
  tensor: Tensor,
  index: number,
  inputs: readonly Tensor[],
  batched: boolean,
): void {
  const at = `inputs[${index}]`;
  const spec = manifest.input.find(({ name }) => name === tensor.name);
  if (spec === undefined) {
    const known = manifest.input.map(({ name }) => name).join(', ');
    throw refuse(`${manifest.id} has no input '${tensor.name}'; it has: ${known}`, `${at}.name`);
  }
  if (inputs.findIndex(({ name }) => name === tensor.name) < index) {
    throw refuse(`The input '${tensor.name}' is there twice`, `${at}.name`);
  }
  if (tensor.datatype !== spec.data_type) {
    throw refuse(
      `The input '${tensor.name}' must be ${spec.data_type}, not ${tensor.datatype}`,
      `${at}.datatype`,
    );
  }
  checkShape(tensor, spec, batched, at);
  checkBytes(tensor, at);
}

function checkShape({ name, shape }: Tensor, { dims }: TensorSpec, batched: boolean, at: string): void {
  const expected = batched ? [-1, ...dims] : dims;
  const fits =
    shape.length === expected.length && expected.every((side, axis) => side === -1 || side === shape[axis]);
  if (fits) return;
  throw refuse(
    `The input '${name}' must have the shape [${expected.join(', ')}], not [${shape.join(', ')}]`,
    `${at}.shape`,
  );
}

function checkBytes({ name, datatype, shape, data }: Tensor, at: string): void {
  const size = DATATYPE_BYTES[datatype];
  const count = elementCount(shape);
  if (size === undefined) {
    if (!holdsStrings(data, count)) {
      throw refuse(
        `The input '${name}' must hold ${count} elements, each behind its length in four bytes`,
        `${at}.data`,
      );
    }
  } else if (data.byteLength !== count * size) {
    throw refuse(
      `The input '${name}' must hold ${count} elements in ${count * size} bytes, not ${data.byteLength} bytes`,
      `${at}.data`,
    );
  }
}

/** Whether the bytes are exactly so many elements behind their lengths. */
function holdsStrings(data: Uint8Array, count: number): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    if (offset + 4 > data.byteLength) return false;
    offset += 4 + view.getUint32(offset, true);
    if (offset > data.byteLength) return false;
  }
  return offset === data.byteLength;
}

function checkBatch({ id, max_batch_size: most }: ModelManifest, inputs: readonly Tensor[]): void {
  const items = inputs[0]?.shape[0] ?? 0;
  inputs.forEach(({ name, shape }, index) => {
    if (shape[0] === items) return;
    throw refuse(
      `The input '${name}' has ${shape[0]} items, '${inputs[0]?.name}' has ${items}`,
      `inputs[${index}].shape`,
    );
  });
  if (items >= 1 && items <= most) return;
  throw refuse(`${id} takes 1 to ${most} items, not ${items}`, 'inputs[0].shape');
}

function refuse(message: string, param: string): DomainError {
  return new DomainError('invalid_request', message, { param });
}
