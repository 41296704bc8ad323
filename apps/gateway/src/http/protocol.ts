import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** Fastify's types know HTTP/1 alone; with TLS the same routes serve HTTP/2. */
export function isHttp2(request: object): request is Http2ServerRequest {
  return request instanceof Http2ServerRequest;
}

/** Of a response that closed: whether all of it left. */
export function leftWhole(response: { readonly writableFinished?: boolean }): boolean {
  if (response instanceof Http2ServerResponse) return response.stream.writableFinished;
  return response.writableFinished === true;
}
