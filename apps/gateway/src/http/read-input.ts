import { DomainError } from '@trivium/contracts';
import type { FastifyRequest } from 'fastify';
import { formatPath, inputFault } from '../errors/input-fault.js';
import type { BodyIntake } from './body-intake.js';
import type { BytesBody, Endpoint, ReceivedBytes, UploadedFile } from './endpoint.js';
import type { z } from 'zod';
import { brokenTextPath } from './well-formed.js';

export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly form: { readonly file: UploadedFile; readonly fields: unknown } | undefined;
  readonly bytes: ReceivedBytes<unknown> | undefined;
}

export const BYTES_TYPE = 'application/octet-stream';

/** Checks everything a client sent, once, against the schemas of the endpoint. Only forms are waited for. */
export function readInput(
  endpoint: Endpoint,
  request: FastifyRequest,
  intake: BodyIntake,
): Input | Promise<Input> {
  const params = endpoint.params && check(endpoint.params, request.params);
  const query = endpoint.query ? check(endpoint.query, request.query) : noQuery(request.query);
  if (endpoint.form !== undefined) {
    if (request.isMultipart()) {
      return readForm(endpoint, request, intake).then((form) => ({ ...nothing, params, query, form }));
    }
    if (endpoint.body === undefined) {
      throw new DomainError(
        'invalid_request',
        "Send the file as multipart/form-data, in a part named 'file'.",
      );
    }
  }
  if (endpoint.bytes !== undefined) {
    const bytes = readBytes(endpoint.bytes, request);
    if (bytes !== undefined) return { ...nothing, params, query, bytes };
    if (endpoint.body === undefined) {
      throw new DomainError('unsupported_media', `Send the bytes as ${BYTES_TYPE}.`);
    }
  }
  const body = endpoint.body && check(endpoint.body, request.body ?? undefined, endpoint.refused);
  refuseBrokenText(request.body);
  return { ...nothing, params, query, body };
}

/** Of a path in an answer; JSON may nest deeper than anybody reads. */
const MOST_STEPS = 16;

/** Half a character could not be sent on, stored or shown as what it was. */
function refuseBrokenText(body: unknown): void {
  const path = brokenTextPath(body);
  if (path === undefined) return;
  const param = path.length === 0 ? undefined : formatPath(path.slice(0, MOST_STEPS));
  const where = param === undefined ? 'The request' : `'${param}'`;
  throw new DomainError(
    'invalid_request',
    `${where}: holds half of a surrogate pair, which is no character.`,
    {
      param,
    },
  );
}

const nothing = { body: undefined, form: undefined, bytes: undefined } as const;

function readBytes({ headers }: BytesBody, request: FastifyRequest): Input['bytes'] {
  if (!Buffer.isBuffer(request.body)) return undefined;
  return { content: request.body, headers: headers && check(headers, request.headers) };
}

function check(schema: z.ZodType, value: unknown, refused?: Readonly<Record<string, string>>): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw inputFault(result.error, value, refused);
}

function noQuery(query: unknown): undefined {
  const [key] = Object.keys(query as object);
  if (key === undefined) return undefined;
  throw new DomainError('unsupported_parameter', `Unknown parameter: '${key}'.`, { param: key });
}

async function readForm(
  endpoint: Endpoint,
  request: FastifyRequest,
  intake: BodyIntake,
): Promise<Input['form']> {
  const fields: Record<string, string> = {};
  let file: UploadedFile | undefined;
  for await (const part of request.parts({ limits: intake.formLimits })) {
    if (part.type === 'field') {
      fields[part.fieldname] = String(part.value);
    } else if (part.fieldname === 'file') {
      const bytes = await intake.collect(part.file, request);
      file = { bytes, filename: part.filename ?? 'file', declaredType: part.mimetype };
    } else {
      const param = formatPath([part.fieldname]);
      throw new DomainError('unsupported_parameter', `Unknown file part: '${param}'.`, { param });
    }
  }
  if (file === undefined) {
    throw new DomainError('invalid_request', "Missing required parameter: 'file'.", { param: 'file' });
  }
  return { file, fields: endpoint.form && check(endpoint.form.fields, fields, endpoint.refused) };
}
