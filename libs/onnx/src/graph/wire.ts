/** Element types of protobuf fields, as far as ONNX uses them. `int53` is an int64 that must be exact as a number. */
export type Scalar = 'int64' | 'uint64' | 'int53' | 'int32' | 'float' | 'double' | 'string' | 'bytes';

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: Scalar | Message;
  /** `always`: an empty list when the message holds none; `some`: no property then. */
  readonly repeated?: 'always' | 'some';
  readonly packed?: boolean;
}

/** A message type; its fields are looked up late, because graphs hold nodes that hold graphs. */
export interface Message {
  readonly name: string;
  readonly fields: () => readonly Field[];
}

/** Fields that the schema does not know, tag included; written back behind the known ones. */
export interface Extensible {
  unknownFields?: Uint8Array[];
}

export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Of protobuf's encoding: the three low bits of a tag. */
export const WIRE_TYPE = { VARINT: 0, FIXED64: 1, DELIMITED: 2, FIXED32: 5 } as const;

const byNumber = new WeakMap<Message, ReadonlyMap<number, Field>>();

/** By their numbers. */
export function fieldsOf(message: Message): ReadonlyMap<number, Field> {
  const known = byNumber.get(message);
  if (known !== undefined) return known;
  const fields = new Map(message.fields().map((field) => [field.number, field]));
  byNumber.set(message, fields);
  return fields;
}

/** Of a value that is not packed. */
export function wireTypeOf(type: Scalar | Message): number {
  if (typeof type !== 'string' || type === 'string' || type === 'bytes') return WIRE_TYPE.DELIMITED;
  if (type === 'float') return WIRE_TYPE.FIXED32;
  return type === 'double' ? WIRE_TYPE.FIXED64 : WIRE_TYPE.VARINT;
}
