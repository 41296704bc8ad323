/**
 * Names of the GenAI semantic conventions that we emit. The conventions live in a repository of
 * their own and are still in development, so the names are kept here, in one place.
 */
export const GEN_AI = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestStream: 'gen_ai.request.stream',
  responseModel: 'gen_ai.response.model',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  tokenType: 'gen_ai.token.type',
  conversationId: 'gen_ai.conversation.id',
} as const;

/** Histograms of the GenAI conventions; durations in seconds. */
export const GEN_AI_METRIC = {
  clientTokenUsage: 'gen_ai.client.token.usage',
  clientOperationDuration: 'gen_ai.client.operation.duration',
  clientTimeToFirstChunk: 'gen_ai.client.operation.time_to_first_chunk',
  clientTimePerOutputChunk: 'gen_ai.client.operation.time_per_output_chunk',
  serverRequestDuration: 'gen_ai.server.request.duration',
  serverTimeToFirstToken: 'gen_ai.server.time_to_first_token',
  serverTimePerOutputToken: 'gen_ai.server.time_per_output_token',
} as const;

type GenAiMetric = (typeof GEN_AI_METRIC)[keyof typeof GEN_AI_METRIC];

const doubling = (first: number, factor: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, power) => first * factor ** power);

const SECONDS = doubling(0.01, 2, 14);

/** Bucket boundaries that the conventions ask for. */
export const GEN_AI_BUCKETS = {
  'gen_ai.client.token.usage': doubling(1, 4, 14),
  'gen_ai.client.operation.duration': SECONDS,
  'gen_ai.client.operation.time_to_first_chunk': SECONDS,
  'gen_ai.client.operation.time_per_output_chunk': SECONDS,
  'gen_ai.server.request.duration': SECONDS,
  'gen_ai.server.time_to_first_token': [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ],
  'gen_ai.server.time_per_output_token': [
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
  ],
} as const satisfies Record<GenAiMetric, readonly number[]>;
