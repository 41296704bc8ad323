import { fastify } from 'fastify';

/** One answer to one route in a process of its own: `node bare-process.js <answer as JSON>`. */
export interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const { method, path, status, headers, body } = JSON.parse(process.argv[2] ?? '') as Answer;
const server = fastify();
server.route({
  method,
  url: path,
  handler: async (_request, reply) => reply.code(status).headers(headers).send(body),
});
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.server.address();
process.send?.(typeof address === 'object' ? address?.port : undefined);
