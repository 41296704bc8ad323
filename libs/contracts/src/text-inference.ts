import { call, stream } from './define.js';
import { GeneratePart, GenerateRequest } from './generate.js';
import { ListModelsReply, ListModelsRequest } from './model.js';

export { GeneratePart, GenerateRequest };

/** Errors: `model_not_available` when no model is configured at all. */
export const generate = stream({
  subject: 'text-inference.generate.v1',
  request: GenerateRequest,
  part: GeneratePart,
  errors: [
    'invalid_request',
    'unsupported_parameter',
    'model_not_found',
    'model_not_available',
    'context_length_exceeded',
    'rate_limit_exceeded',
    'overloaded',
    'unavailable',
    'upstream_error',
    'deadline_exceeded',
  ],
});

export const listTextModels = call({
  subject: 'text-inference.list-models.v1',
  request: ListModelsRequest,
  reply: ListModelsReply,
  errors: [],
});
