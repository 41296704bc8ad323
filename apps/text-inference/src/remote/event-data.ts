import { DomainError } from '@trivium/contracts';
import { createParser } from 'eventsource-parser';

/** Far above any honest chunk of a chat completion. */
const MAX_EVENT_CHARACTERS = 1024 * 1024;

/** The `data` of each server-sent event. Bytes may be cut anywhere, inside a character too. */
export async function* eventData(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const ready: string[] = [];
  let overflow = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ data }) => void ready.push(data),
    onError: ({ type }) => {
      overflow ||= type === 'max-buffer-size-exceeded';
    },
  });
  for await (const chunk of chunks) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* ready.splice(0);
    if (overflow) throw new DomainError('upstream_error', 'The upstream sent an answer that cannot be read.');
  }
  // @NOTE some servers leave out the blank line after the last event
  parser.feed(`${decoder.decode()}\n\n`);
  yield* ready.splice(0);
}
