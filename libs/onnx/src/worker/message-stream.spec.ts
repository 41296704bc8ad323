import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './message-codec.js';
import { MessageReader, MessageStream } from './message-stream.js';

const KIB = 1024;
const filled = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

describe('a message', () => {
  it('keeps large byte arrays beside it, uncopied, and the rest inside', () => {
    const large = filled(64 * KIB, 1);
    const { head, bytes } = encodeMessage({ large, small: filled(8, 2), name: 'x' });

    expect(bytes).toHaveLength(1);
    expect(bytes[0]).toBe(large);
    expect(head.byteLength).toBeLessThan(KIB);
  });

  it('comes back as it was, with the kind of each array', () => {
    const message = {
      list: [1n, undefined, null, { deep: filled(20 * KIB, 3) }],
      buffer: Buffer.alloc(20 * KIB, 4),
      small: Float32Array.of(1, 2),
      wide: new Float32Array(20 * KIB).fill(0.5),
      empty: new Uint8Array(0),
    };

    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it('is refused when it cannot be cloned', () => {
    expect(() => encodeMessage({ call: () => undefined })).toThrow('could not be cloned');
  });

  it('is refused when the bytes beside it are not all there', () => {
    const { head } = encodeMessage([filled(64 * KIB, 1)]);

    expect(() => decodeMessage({ head, bytes: [] })).toThrow(RangeError);
  });
});

/** What goes over the wire for these messages, in one piece. */
async function wireOf(messages: readonly unknown[]): Promise<Buffer> {
  const [here, there] = duplexPair();
  const pieces: Buffer[] = [];
  there.on('data', (piece: Buffer) => pieces.push(piece));
  const stream = new MessageStream(here, () => undefined);
  for (const message of messages) stream.send(message);
  stream.end();
  await once(there, 'end');
  return Buffer.concat(pieces);
}

describe('a stream of messages', () => {
  it('gives them in order, in whatever pieces they come', async () => {
    const messages = [{ id: 1 }, { id: 2, bytes: [filled(17 * KIB, 7), filled(40 * KIB, 8)] }, 'three', []];
    const wire = await wireOf(messages);

    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: wire.byteLength })), (cuts) => {
        const received: unknown[] = [];
        const reader = new MessageReader((message) => received.push(message));
        const ends = [0, ...cuts.toSorted((one, other) => one - other), wire.byteLength];
        ends.forEach((end, index) => reader.push(wire.subarray(ends[index - 1] ?? 0, end)));
        expect(received).toEqual(messages);
      }),
      { numRuns: 50 },
    );
  });

  it('goes both ways', async () => {
    const [here, there] = duplexPair();
    const answer = Promise.withResolvers<unknown>();
    const service = new MessageStream<string, string>(here, answer.resolve);
    const worker = new MessageStream<string, string>(there, (question) => worker.send(`${question}!`));
    service.send('well');

    expect(await answer.promise).toBe('well!');
  });

  it('ends when what comes is no message', async () => {
    const [here, there] = duplexPair();
    const stream = new MessageStream(here, () => undefined);
    const closed = new Promise((resolve) => here.once('close', resolve));
    there.write(Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]));
    await closed;

    expect(() => stream.send('anything')).not.toThrow();
  });

  it('says nothing once the other side is gone', () => {
    const [here] = duplexPair();
    const stream = new MessageStream(here, () => undefined);
    here.destroy();

    expect(() => stream.send('anybody?')).not.toThrow();
  });
});
