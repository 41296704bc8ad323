import { DomainError } from '@trivium/contracts';
import type { ModelManifest, TensorSpec } from '@trivium/contracts/model-manifest';

/** Which tensors of a model are what. */
export interface EncoderShape {
  readonly inputs: readonly EncoderInput[];
  readonly output: string;
  /** Whether the output has a state for each token, which must be pooled, or one vector per text. */
  readonly perToken: boolean;
  /** Length of a vector, or the number of classes. */
  readonly width: number;
}

export interface EncoderInput {
  readonly name: string;
  readonly datatype: 'INT64' | 'INT32';
  readonly role: Role;
}
type Role = 'ids' | 'mask' | 'types' | 'positions';

const ROLES: Readonly<Record<string, Role>> = {
  input_ids: 'ids',
  attention_mask: 'mask',
  token_type_ids: 'types',
  position_ids: 'positions',
};
/** As exporters call them, in the order of trust: what is made for the purpose goes first. */
const VECTORS = ['sentence_embedding', 'sentence_embeddings', 'embedding', 'embeddings', 'text_embeds'];
const STATES = ['last_hidden_state', 'token_embeddings'];

/** Of a manifest whose inputs and outputs are known. Throws `model_not_available` that names the tensor at fault. */
export function encoderShapeOf(manifest: ModelManifest, task: 'embed' | 'rerank'): EncoderShape {
  const inputs = manifest.input.map((spec) => inputOf(manifest.id, spec));
  if (!inputs.some(({ role }) => role === 'ids')) throw unusable(manifest.id, "it has no input 'input_ids'");
  const own = (spec: TensorSpec): readonly number[] =>
    manifest.max_batch_size > 0 ? spec.dims : spec.dims.slice(1);
  const named = (names: readonly string[], sides: number): TensorSpec | undefined =>
    names
      .flatMap((name) => manifest.output.find((spec) => spec.name === name) ?? [])
      .find((spec) => own(spec).length === sides);
  const any = (sides: number): TensorSpec | undefined =>
    manifest.output.find((spec) => own(spec).length === sides);
  const output =
    task === 'rerank'
      ? (named(['logits', 'scores'], 1) ?? any(1))
      : (named(VECTORS, 1) ?? named(STATES, 2) ?? any(2) ?? any(1));
  const width = output === undefined ? undefined : own(output).at(-1);
  if (output === undefined || width === undefined || width < 1) {
    throw unusable(manifest.id, `none of its outputs is what '${task}' needs, with a width that is fixed`);
  }
  return { inputs, output: output.name, perToken: own(output).length === 2, width };
}

function inputOf(model: string, { name, data_type: datatype }: TensorSpec): EncoderInput {
  const role = ROLES[name];
  if (role === undefined) throw unusable(model, `it needs the input '${name}', which a text does not give`);
  if (datatype !== 'INT64' && datatype !== 'INT32') {
    throw unusable(model, `its input '${name}' is ${datatype}, not INT64`);
  }
  return { name, datatype, role };
}

function unusable(model: string, why: string): DomainError {
  return new DomainError('model_not_available', `${model} cannot be asked with text: ${why}`, {
    param: 'model',
  });
}
