import { randomHex } from '@trivium/telemetry';

const DIGITS = 32;

/** What the answer, the logs and every service know a request by. */
export function newRequestId(): string {
  return `req_${randomHex(DIGITS)}`;
}
