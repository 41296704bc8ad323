import { expect } from 'vitest';
import { ErrorBody } from '../src/errors/failure.js';
import type { Endpoint } from '../src/http/endpoint.js';
import { allEndpoints } from '../src/openapi/all-endpoints.js';

const ENDPOINTS = allEndpoints();

/** `fetch` that holds every JSON answer against what the OpenAPI page promises. */
export async function conforming(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  expect(response.headers.get('x-request-id'), 'x-request-id').toMatch(/^req_/);
  const endpoint = endpointOf(init?.method ?? 'GET', new URL(String(url)).pathname);
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
