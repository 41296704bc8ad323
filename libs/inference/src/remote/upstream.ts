import { DomainError, type ErrorCode } from '@trivium/contracts';
import { InferenceError } from '@trivium/contracts/open-inference';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The chunks of a body as one. Throws `upstream_error` past the limit, and reads no further. */
export async function readBounded(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  place: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new DomainError('upstream_error', `${place} answered with more than ${maxBytes} bytes.`, {
        retryable: false,
      });
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts, bytes);
}

/** What another server refused. A fault in the tensors stays the caller's; the rest is the server's, some of it worth a retry. */
export function upstreamError(
  status: number,
  headers: Headers,
  body: Uint8Array,
  place: string,
): DomainError {
  const { code, retryable } = meaning(status);
  const seconds = Number(headers['retry-after']);
  return new DomainError(code, `${place} answered ${status}: ${reasonIn(body)}`, {
    retryable,
    details: { status },
    ...(retryable && Number.isFinite(seconds) && { retryAfterMs: seconds * 1_000 }),
  });
}

function meaning(status: number): { code: ErrorCode; retryable: boolean } {
  if (status === 400) return { code: 'invalid_request', retryable: false };
  if (status === 413) return { code: 'payload_too_large', retryable: false };
  if (status === 429 || status === 503) return { code: 'overloaded', retryable: true };
  if (status === 504 || status === 408) return { code: 'upstream_error', retryable: true };
  return { code: 'upstream_error', retryable: status >= 500 };
}

const MOST_REASON = 500;

function reasonIn(body: Uint8Array): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 64 * 1024)).toString();
  try {
    return InferenceError.loose().parse(JSON.parse(text)).error.slice(0, MOST_REASON);
  } catch {
    return 'it does not say why in the words of the protocol';
  }
}
