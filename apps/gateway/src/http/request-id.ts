import { randomUUID } from 'node:crypto';

/** What the answer, the logs and every service know a request by. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}
