import { expect } from 'vitest';
import { ErrorBody } from '../src/errors/failure.js';
import type { Endpoint } from '../src/http/endpoint.js';
import { allEndpoints } from '../src/openapi/all-endpoints.js';
import { definedAnswer, definedRequest } from './rest-definition.js';

const ENDPOINTS = allEndpoints();

const HEADER_LENGTH = 'inference-header-content-length';

/** `fetch` that holds every JSON answer against what the OpenAPI page promises, and under /v2 against the protocol. */
export async function conforming(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  expect(response.headers.get('x-request-id'), 'x-request-id').toMatch(/^req_/);
  const endpoint = endpointOf(init?.method ?? 'GET', new URL(String(url)).pathname);
  await checkProtocol(new URL(String(url)).pathname, init, response);
  if (response.headers.get('content-type')?.startsWith('application/json')) {
    const schema = endpoint?.reply && response.ok ? endpoint.reply : (endpoint?.failure ?? ErrorBody);
    const also = Object.keys(endpoint?.alsoAnswers ?? {}).includes(String(response.status));
    const body: unknown = await response.clone().json();
    if (endpoint?.operationId !== 'openApi') {
      const result = (also && endpoint?.reply ? endpoint.reply : schema).safeParse(body);
      expect(result.error?.issues, `${String(url)} ${JSON.stringify(body).slice(0, 500)}`).toBeUndefined();
    }
  }
  return response;
}

/** A path that is spelled out goes before one with a parameter in the same place, as in the router. */
function endpointOf(method: string, path: string): Endpoint | undefined {
  const matching = ENDPOINTS.filter(
    (endpoint) =>
      endpoint.method === method.toUpperCase() &&
      new RegExp(`^${endpoint.path.replace(/:\w+/g, '[^/]+').replace('*', '.+')}$`).test(path),
  );
  return matching.find((endpoint) => endpoint.path === path) ?? matching[0];
}

/** Held against the definition that is not ours: the answer, and the request that was answered. */
async function checkProtocol(path: string, init: RequestInit | undefined, response: Response): Promise<void> {
  if (!/^\/v2(?:\/|$)/.test(path)) return;
  const method = init?.method ?? 'GET';
  const schema = definedAnswer(method, path, response.status);
  const bytes = Buffer.from(await response.clone().arrayBuffer());
  const head = bytes.subarray(0, Number(response.headers.get(HEADER_LENGTH) ?? bytes.length));
  expect(schema, `${method} ${path} is no path of the protocol`).toBeDefined();
  expect(schema?.safeParse(JSON.parse(head.toString())).error?.issues, head.toString()).toBeUndefined();
  if (!response.ok || !path.endsWith('/infer')) return;
  const sent = Buffer.from(init?.body as string | Buffer<ArrayBuffer>);
  const asked = sent.subarray(0, Number(new Headers(init?.headers).get(HEADER_LENGTH) ?? sent.length));
  expect(definedRequest().safeParse(JSON.parse(asked.toString())).error?.issues).toBeUndefined();
}
