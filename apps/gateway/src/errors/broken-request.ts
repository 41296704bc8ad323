import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '@trivium/contracts';
import { newRequestId } from '../http/request-id.js';
import { toFailure } from './failure.js';

/** Answers what could not be read as a request at all, in the shape of every other failure. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, reason] = describe(error.code);
  const requestId = newRequestId();
  const { body } = toFailure(reason, requestId);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      `connection: close\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nx-request-id: ${requestId}\r\n` +
      `x-should-retry: ${reason.retryable}\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}

function describe(code: string | undefined): [number, DomainError] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, new DomainError('deadline_exceeded', 'The request did not arrive in time.')];
    case 'HPE_HEADER_OVERFLOW':
      return [431, new DomainError('invalid_request', 'The headers are larger than 16 KiB.')];
    default:
      return [400, new DomainError('invalid_request', 'This is not a well-formed HTTP request.')];
  }
}
