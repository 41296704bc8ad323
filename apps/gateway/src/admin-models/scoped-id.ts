import { DomainError } from '@trivium/contracts';
import { INFERENCE_SERVICES, type InferenceService } from '@trivium/contracts/model-manifest';

/** Jobs and uploads live in one service each; their public id says which, so that nobody has to look for them. */
export function scopedId(service: InferenceService, id: string): string {
  return `${service}.${id}`;
}

/** Throws `not_found`: an id that none of us gave out names nothing. */
export function readScopedId(text: string, param: string): { service: InferenceService; id: string } {
  const service = INFERENCE_SERVICES.find((name) => text.startsWith(`${name}.`));
  const id = text.slice((service?.length ?? 0) + 1);
  if (service !== undefined && id !== '') return { service, id };
  throw new DomainError('not_found', `Nothing has the id '${text}'.`, { param });
}
