import { z } from 'zod';

/**
 * Bodies of the Open Inference Protocol over HTTP, written as JSON Schema from the protocol's own pages and from
 * nothing of ours: `specification/protocol/inference_rest.md` and `open_inference_rest.yaml` of
 * github.com/kserve/open-inference-protocol; for the extensions `docs/protocol/extension_*.md` of
 * github.com/triton-inference-server/server. Objects are open: the protocol lets servers add fields.
 */
const text = { type: 'string' };
const whole = { type: 'integer', minimum: 0 };
const names = (...required: string[]) => ({ type: 'object', required });
const listOf = (items: object) => ({ type: 'array', items });
const ref = (name: string) => ({ $ref: `#/$defs/${name}` });

const DATATYPES = 'BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FP16 FP32 FP64 BYTES BF16'.split(
  ' ',
);
const datatype = { enum: DATATYPES };
const tensor = {
  name: text,
  shape: listOf(whole),
  datatype,
  parameters: ref('parameters'),
  data: ref('tensor_data'),
};

const $defs = {
  /** Names to values, which are strings, numbers and booleans. */
  parameters: {
    type: 'object',
    additionalProperties: { anyOf: [text, { type: 'number' }, { type: 'boolean' }] },
  },
  /** Row-major, flat or nested. */
  tensor_data: listOf({ anyOf: [ref('tensor_data'), { type: 'number' }, text, { type: 'boolean' }] }),
  error_response: { ...names('error'), properties: { error: { ...text, minLength: 1 } } },
  server_metadata: {
    ...names('name', 'version', 'extensions'),
    properties: { name: text, version: text, extensions: listOf(text) },
  },
  live_or_ready: { type: 'object', properties: { live: { type: 'boolean' }, ready: { type: 'boolean' } } },
  model_ready: { ...names('name', 'ready'), properties: { name: text, ready: { type: 'boolean' } } },
  metadata_tensor: {
    ...names('name', 'datatype', 'shape'),
    properties: { name: text, datatype, shape: listOf({ type: 'integer', minimum: -1 }) },
  },
  model_metadata: {
    ...names('name', 'platform', 'inputs', 'outputs'),
    properties: {
      name: text,
      versions: listOf(text),
      platform: text,
      inputs: listOf(ref('metadata_tensor')),
      outputs: listOf(ref('metadata_tensor')),
    },
  },
  inference_request: {
    ...names('inputs'),
    properties: {
      id: text,
      parameters: ref('parameters'),
      inputs: listOf(ref('request_input')),
      outputs: listOf({ ...names('name'), properties: { name: text, parameters: ref('parameters') } }),
    },
  },
  request_input: { anyOf: [ref('json_tensor'), ref('binary_tensor')] },
  inference_response: {
    ...names('model_name', 'outputs'),
    properties: {
      model_name: text,
      model_version: text,
      id: text,
      parameters: ref('parameters'),
      outputs: listOf({ anyOf: [ref('json_tensor'), ref('binary_tensor')] }),
    },
  },
  json_tensor: { ...names('name', 'shape', 'datatype', 'data'), properties: tensor },
  /** Of the extension for binary tensors: the parameter stands for the data. */
  binary_tensor: {
    ...names('name', 'shape', 'datatype', 'parameters'),
    properties: {
      ...tensor,
      data: { not: {} },
      parameters: { ...names('binary_data_size'), properties: { binary_data_size: whole } },
    },
  },
  repository_index: listOf({
    ...names('name', 'state', 'reason'),
    properties: { name: text, version: text, state: text, reason: text },
  }),
  statistics: {
    ...names('model_stats'),
    properties: { model_stats: listOf(ref('model_statistics')) },
  },
  model_statistics: {
    ...names(
      'name',
      'last_inference',
      'inference_count',
      'execution_count',
      'inference_stats',
      'batch_stats',
    ),
    properties: {
      name: text,
      version: text,
      last_inference: whole,
      inference_count: whole,
      execution_count: whole,
      inference_stats: durations(
        'success',
        'fail',
        'queue',
        'compute_input',
        'compute_infer',
        'compute_output',
      ),
      batch_stats: listOf({
        allOf: [
          { ...names('batch_size'), properties: { batch_size: whole } },
          durations('compute_input', 'compute_infer', 'compute_output'),
        ],
      }),
    },
  },
  duration: { ...names('count', 'ns'), properties: { count: whole, ns: whole } },
  /** `model_config.proto` of github.com/triton-inference-server/common, as JSON. */
  model_config: {
    ...names('name', 'platform', 'max_batch_size', 'input', 'output'),
    properties: {
      name: text,
      platform: text,
      backend: text,
      max_batch_size: whole,
      input: listOf(ref('config_tensor')),
      output: listOf(ref('config_tensor')),
      instance_group: listOf({
        type: 'object',
        properties: {
          kind: { enum: ['KIND_AUTO', 'KIND_GPU', 'KIND_CPU', 'KIND_MODEL'] },
          count: whole,
          gpus: listOf(whole),
        },
      }),
    },
  },
  config_tensor: {
    ...names('name', 'data_type', 'dims'),
    properties: {
      name: text,
      data_type: { enum: DATATYPES.map((name) => `TYPE_${name === 'BYTES' ? 'STRING' : name}`) },
      dims: listOf({ type: 'integer', minimum: -1 }),
    },
  },
  nothing: { type: 'object' },
};

function durations(...required: string[]): object {
  return {
    ...names(...required),
    properties: Object.fromEntries(required.map((name) => [name, ref('duration')])),
  };
}

const MODEL = '/v2/models/[^/]+(?:/versions/[^/]+)?';

const ANSWERS: readonly (readonly [RegExp, keyof typeof $defs])[] = [
  [/^GET \/v2$/, 'server_metadata'],
  [/^GET \/v2\/health\/(?:live|ready)$/, 'live_or_ready'],
  [/^GET \/v2\/models\/stats$/, 'statistics'],
  [new RegExp(`^GET ${MODEL}/stats$`), 'statistics'],
  [new RegExp(`^GET ${MODEL}/ready$`), 'model_ready'],
  [new RegExp(`^GET ${MODEL}/config$`), 'model_config'],
  [new RegExp(`^GET ${MODEL}$`), 'model_metadata'],
  [new RegExp(`^POST ${MODEL}/infer$`), 'inference_response'],
  [/^POST \/v2\/repository\/index$/, 'repository_index'],
  [/^POST \/v2\/repository\/models\/[^/]+\/(?:un)?load$/, 'nothing'],
];

const schemas = new Map<string, z.ZodType>();

function schemaOf(name: keyof typeof $defs): z.ZodType {
  const known = schemas.get(name);
  if (known !== undefined) return known;
  const made = z.fromJSONSchema({ $defs, ...ref(name) } as Parameters<typeof z.fromJSONSchema>[0]);
  schemas.set(name, made);
  return made;
}

/** What the protocol says of the JSON that answers `method path`; undefined where it says nothing. */
export function definedAnswer(method: string, path: string, status: number): z.ZodType | undefined {
  const name = ANSWERS.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1];
  if (status >= 400 && name !== 'live_or_ready') return schemaOf('error_response');
  return name === undefined ? undefined : schemaOf(name);
}

/** What the protocol says of the JSON that asks for inference. */
export const definedRequest = (): z.ZodType => schemaOf('inference_request');
