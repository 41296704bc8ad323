import fc from 'fast-check';
import { parse } from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { type Message, WireError } from './wire.js';
import { decodeMessage } from './wire-reader.js';
import { encodeMessage } from './wire-writer.js';

const INNER: Message = {
  name: 'Inner',
  fields: () => [
    { name: 'name', number: 1, type: 'string' },
    { name: 'inner', number: 2, type: INNER },
  ],
};
const OUTER: Message = {
  name: 'Outer',
  fields: () => [
    { name: 'whole', number: 1, type: 'int64' },
    { name: 'real', number: 2, type: 'float' },
    { name: 'wide', number: 3, type: 'double' },
    { name: 'bytes', number: 4, type: 'bytes' },
    { name: 'inner', number: 5, type: INNER },
    { name: 'wholes', number: 6, type: 'int64', repeated: 'some', packed: true },
    { name: 'names', number: 16, type: 'string', repeated: 'always' },
    { name: 'unsigned', number: 17, type: 'uint64' },
    { name: 'small', number: 18, type: 'int32' },
  ],
};
/** The same, as another implementation of the format reads it. */
const Peer = parse(`syntax = "proto2";
message Inner { optional string name = 1; optional Inner inner = 2; }
message Outer {
  optional int64 whole = 1; optional float real = 2; optional double wide = 3; optional bytes bytes = 4;
  optional Inner inner = 5; repeated int64 wholes = 6 [packed = true]; repeated string names = 16;
  optional uint64 unsigned = 17; optional int32 small = 18;
}`).root.lookupType('Outer');

const asStored = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;
const int64 = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-300n, 300n)).map(asStored);

const outer = fc.record(
  {
    whole: int64,
    real: fc.float({ noNaN: true }),
    wide: fc.double({ noNaN: true }),
    bytes: fc.uint8Array({ maxLength: 300 }),
    inner: fc.record({ name: fc.string({ unit: 'grapheme' }), inner: fc.record({ name: fc.string() }) }),
    wholes: fc.array(int64, { minLength: 1 }),
    unsigned: fc.bigInt(0n, 2n ** 64n - 1n).map(asStored),
    small: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  },
  { requiredKeys: [] },
);

describe('wire format', () => {
  it('gives back what was written, all 64 bits of it', () => {
    fc.assert(
      fc.property(outer, fc.array(fc.string()), (message, names) => {
        const value = { ...message, names };

        expect(decodeMessage(OUTER, encodeMessage(OUTER, value))).toEqual(value);
      }),
    );
  });

  it('writes what another implementation reads, and reads what that one writes', () => {
    fc.assert(
      fc.property(outer, fc.array(fc.string()), (message, names) => {
        const value = { ...message, names };

        const read = Peer.decode(encodeMessage(OUTER, value));

        expect(decodeMessage(OUTER, Peer.encode(read).finish())).toEqual(value);
      }),
    );
  });

  it('keeps fields that it does not know', () => {
    const bytes = encodeMessage(OUTER, { whole: 5, real: 1.5, inner: { name: 'x' }, names: ['a', 'b'] });

    const known = decodeMessage(INNER, bytes);

    expect(known.unknownFields).toHaveLength(5); // two have the number of a known field, but another type
    const again = decodeMessage(OUTER, encodeMessage(INNER, known));
    expect(again).toMatchObject({ whole: 5, real: 1.5, inner: { name: 'x' }, names: ['a', 'b'] });
  });

  it('reads repeated numbers whether they are packed or not', () => {
    const loose = Uint8Array.of(0x30, 1, 0x30, 2, 0x32, 2, 3, 4);

    expect(decodeMessage(OUTER, loose)['wholes']).toEqual([1, 2, 3, 4]);
  });

  it('refuses what is cut off, nested without end or not text, and nothing else happens', () => {
    const whole = encodeMessage(OUTER, { bytes: new Uint8Array(50), names: ['one'] });
    let deep: { inner?: object } = {};
    for (let level = 0; level < 200; level += 1) deep = { inner: deep };

    expect(() => decodeMessage(OUTER, whole.subarray(0, 30))).toThrow(WireError);
    expect(() => decodeMessage(INNER, encodeMessage(INNER, deep))).toThrow('nested deeper');
    expect(() => decodeMessage(INNER, Uint8Array.of(0x0a, 1, 0xff))).toThrow('not UTF-8');
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          decodeMessage(OUTER, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});
