import { z } from 'zod';
import { ErrorBody } from '../errors/failure.js';
import type { Endpoint } from '../http/endpoint.js';

type JsonSchema = Readonly<Record<string, unknown>>;

const VERSION = '0.1.0';
const PARAMETER = /:(\w+)|\*/g;

/** Only what answers in events has a language model write. */
const INVALID_OUTPUT = '422';

const ERRORS: Readonly<Record<string, string>> = {
  400: 'A parameter is missing, malformed or not supported; `param` names it',
  401: 'The key is missing or not valid',
  403: 'The key lacks a scope',
  404: 'No such thing',
  413: 'Too large',
  415: 'A content type that is not accepted here',
  [INVALID_OUTPUT]: "The model's answer does not hold to what was asked for; it is not shown",
  429: 'Too many requests with this key; see Retry-After',
  500: 'A failure on our side; report the request id',
  502: 'Something behind us failed; see Retry-After',
  503: 'Not possible at the moment; see Retry-After',
  504: 'The time was over',
};

/** The OpenAPI 3.1 page of all endpoints, from the same schemas that check their input. */
export function openApiDocument(endpoints: readonly Endpoint[]): JsonSchema {
  const components = new Components();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(PARAMETER, (_match, name?: string) => `{${name ?? 'id'}}`);
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint, components);
  }
  const failure = { 'application/json': { schema: components.add(ErrorBody) } };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trivium',
      version: VERSION,
      description:
        "A self-hosted multimodal assistant. Endpoints under /v1 speak OpenAI's protocol, those under /v2 the Open Inference Protocol; what is not supported is refused with a 400 that names the parameter.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [status, { description, content: failure }]),
      ),
      schemas: components.schemas,
    },
  };
}

function operation(endpoint: Endpoint, components: Components): JsonSchema {
  const { operationId, tag, summary, access } = endpoint;
  const body = requestBody(endpoint, components);
  return {
    operationId,
    tags: [tag],
    summary,
    security: access === 'public' ? [] : [{ key: [] }],
    ...(access === 'admin' ? { description: 'Needs a key with the scope `admin`.' } : {}),
    parameters: [
      ...parameters(endpoint.params, 'path', components),
      ...parameters(endpoint.query, 'query', components),
      ...parameters(endpoint.bytes?.headers, 'header', components),
    ],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(endpoint, components),
  };
}

function parameters(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query' | 'header',
  components: Components,
): JsonSchema[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name: name === '*' ? 'id' : name,
    in: place,
    required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
    schema: components.inline(field as z.ZodType, 'input'),
  }));
}

function requestBody({ body, form, bytes }: Endpoint, components: Components): JsonSchema | undefined {
  const content: Record<string, unknown> = {};
  if (body !== undefined) content['application/json'] = { schema: components.add(body, 'input') };
  if (form !== undefined) {
    const fields = components.inline(form.fields, 'input') as {
      properties?: object;
      required?: readonly string[];
    };
    const file = { type: 'string', contentMediaType: 'application/octet-stream' };
    content['multipart/form-data'] = {
      schema: {
        ...fields,
        properties: { file, ...fields.properties },
        required: ['file', ...(fields.required ?? [])],
      },
    };
  }
  if (bytes !== undefined) {
    content['application/octet-stream'] = {
      schema: {
        type: 'string',
        contentMediaType: 'application/octet-stream',
        description: bytes.description,
      },
    };
  }
  if (Object.keys(content).length === 0) return undefined;
  return { required: body === undefined || !body.safeParse(undefined).success, content };
}

function responses(
  { access, reply, event, failure, alsoAnswers, summary }: Endpoint,
  components: Components,
): JsonSchema {
  const content = {
    ...(reply === undefined ? { '*/*': {} } : { 'application/json': { schema: components.add(reply) } }),
    ...(event === undefined ? {} : { 'text/event-stream': { schema: components.add(event) } }),
  };
  const failures = access === 'public' ? [] : Object.keys(ERRORS);
  const statuses = failures.filter((status) => status !== INVALID_OUTPUT || event !== undefined);
  return {
    200: { description: summary, content },
    ...Object.fromEntries(statuses.map((status) => [status, failed(status, failure, components)])),
    ...Object.fromEntries(
      Object.entries(alsoAnswers ?? {}).map(([status, description]) => [status, { description, content }]),
    ),
  };
}

function failed(status: string, failure: z.ZodType | undefined, components: Components): JsonSchema {
  if (failure === undefined) return { $ref: `#/components/responses/${status}` };
  return {
    description: ERRORS[status] ?? '',
    content: { 'application/json': { schema: components.add(failure) } },
  };
}

/** Schemas that carry an id stand once and are pointed at. */
class Components {
  readonly schemas: Record<string, unknown> = {};

  add(schema: z.ZodType, io: 'input' | 'output' = 'output'): JsonSchema {
    return this.inline(schema, io);
  }

  inline(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const {
      $schema: _,
      $defs,
      ...own
    } = z.toJSONSchema(schema, { io, reused: 'inline' }) as {
      $schema?: unknown;
      $defs?: Record<string, JsonSchema>;
    } & Record<string, unknown>;
    for (const [id, definition] of Object.entries($defs ?? {})) this.#define(id, definition);
    const id = own['id'];
    if (typeof id !== 'string') return relocate(own) as JsonSchema;
    this.#define(id, own);
    return { $ref: `#/components/schemas/${id}` };
  }

  #define(id: string, { id: _, ...definition }: Record<string, unknown>): void {
    this.schemas[id] ??= relocate(definition);
  }
}

function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, nested]) => [
      key,
      key === '$ref' && typeof nested === 'string'
        ? nested.replace('#/$defs/', '#/components/schemas/')
        : relocate(nested),
    ]),
  );
}
