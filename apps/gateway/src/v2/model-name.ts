import { DomainError } from '@trivium/contracts';
import { ModelId, ModelVersion, Variant, VersionLabel } from '@trivium/contracts/model-manifest';

export interface ModelName {
  readonly model: string;
  /** Absent: the model's policy decides. */
  readonly variant?: Variant | undefined;
}

/** `bert`, or `bert@int8`. What cannot be a model's name is one that does not exist: `model_not_found`. */
export function readModelName(text: string): ModelName {
  const at = text.indexOf('@');
  const model = at === -1 ? text : text.slice(0, at);
  if (!ModelId.safeParse(model).success) throw modelNotFound(text);
  if (at === -1) return { model };
  const variant = Variant.safeParse(text.slice(at + 1)).data;
  if (variant !== undefined) return { model, variant };
  throw notFound(`There is no variant '${text.slice(at + 1)}'; there may be ${Variant.options.join(', ')}.`);
}

/** A number or a label; empty or absent: the model's policy decides. */
export function readVersion(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (ModelVersion.safeParse(text).success || VersionLabel.safeParse(text).success) return text;
  throw notFound(`There is no version '${text}': versions are positive numbers, labels words in lower case.`);
}

export function modelNotFound(model: string): DomainError {
  return notFound(`There is no model '${model}'. POST /v2/repository/index lists them.`);
}

export function versionNotFound(model: string, version: string): DomainError {
  return notFound(`'${model}' has no version '${version}'.`);
}

export function variantNotFound(model: string, variant: Variant): DomainError {
  return notFound(`'${model}' has no variant '${variant}'.`);
}

function notFound(message: string): DomainError {
  return new DomainError('model_not_found', message, { param: 'model' });
}
