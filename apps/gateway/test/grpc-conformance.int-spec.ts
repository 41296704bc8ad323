import { fileURLToPath } from 'node:url';
import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { definedPackage, ENUMS, MESSAGES, METHODS, STREAMED } from './grpc-definition.js';
import { definedAnswer, definedRequest } from './rest-definition.js';

const PROTO = fileURLToPath(new URL('../proto/open-inference.proto', import.meta.url));
const ours = loadSync(PROTO, { keepCase: true });
const theirs = definedPackage();

/** What Triton reports and is not known here; everything else that the tables hold is served. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  ModelConfig: ['runtime'],
  ModelInput: ['is_shape_tensor', 'allow_ragged_batch', 'optional', 'is_non_linear_format_io'],
  ModelOutput: ['label_filename', 'is_shape_tensor', 'is_non_linear_format_io'],
  ModelDynamicBatching: ['preferred_batch_size', 'preserve_ordering'],
  ModelInstanceGroup: ['name', 'profile', 'passive', 'host_policy'],
  ModelStatistics: ['memory_usage'],
  MemoryUsage: ['type', 'id', 'byte_size'],
};

interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}
/** A message or an enum, as protobuf describes itself. */
interface Described {
  readonly name: string;
  readonly field: readonly Field[];
  readonly oneofDecl: readonly { readonly name: string }[];
  readonly value: readonly { readonly name: string; readonly number: number }[];
  readonly nestedType: readonly Described[];
  readonly enumType: readonly Described[];
}

function typeOf(definition: PackageDefinition, name: string): Described | undefined {
  const [outer = name, inner] = name.split('.');
  const type = (definition[`inference.${outer}`] as unknown as { type: Described } | undefined)?.type;
  if (inner === undefined) return type;
  return [...(type?.nestedType ?? []), ...(type?.enumType ?? [])].find(({ name }) => name === inner);
}

function fieldsOf(definition: PackageDefinition, name: string): Map<string, object> | undefined {
  const fields = typeOf(definition, name)?.field;
  return (
    fields &&
    new Map(
      fields.map(({ name, number, label, type, typeName }) => [name, { number, label, type, typeName }]),
    )
  );
}

describe('gRPC', () => {
  it.each(Object.keys(MESSAGES))('%s has the fields of the protocol', (name) => {
    const expected = fieldsOf(theirs, name);
    for (const field of LEFT_OUT[name] ?? []) expect(expected?.delete(field), field).toBe(true);

    expect(fieldsOf(ours, name) ?? new Map()).toEqual(expected);
    expect(typeOf(ours, name)?.oneofDecl ?? []).toEqual(typeOf(theirs, name)?.oneofDecl);
  });

  it.each(Object.entries(ENUMS))('%s has the values of the protocol', (name, values) => {
    const named = typeOf(ours, name)?.value.map(({ name, number }) => [name, number] as const);

    expect(Object.fromEntries(named ?? [])).toEqual(values);
  });

  it('has no message beside those of the protocol', () => {
    const outer = Object.keys(ours).map((name) => name.replace('inference.', ''));
    const inner = outer.flatMap((name) => {
      const { nestedType = [], enumType = [] } = typeOf(ours, name) ?? {};
      // A map is a message of keys and values that nobody wrote down.
      const isMap = ({ field = [] }: Described) => field.map(({ name }) => name).join() === 'key,value';
      const named = [...nestedType, ...enumType].filter((type) => !isMap(type));
      return named.map((type) => `${name}.${type.name}`);
    });
    const known = [...Object.keys(MESSAGES), ...Object.keys(ENUMS), 'GRPCInferenceService'];

    expect([...outer, ...inner].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('has the methods of the protocol, under its paths', () => {
    const shown = (definition: PackageDefinition) =>
      Object.values(
        definition['inference.GRPCInferenceService'] as unknown as Record<
          string,
          MethodDefinition<object, object> &
            Record<'requestType' | 'responseType', { type: { name: string } }>
        >,
      )
        .map(({ path, requestStream, responseStream, requestType, responseType }) => ({
          path,
          requestStream,
          responseStream,
          takes: requestType.type.name,
          answers: responseType.type.name,
        }))
        .toSorted((a, b) => a.path.localeCompare(b.path));

    expect(shown(ours)).toEqual(shown(theirs));
    expect(shown(ours)).toHaveLength(METHODS.length + 1);
    expect(shown(ours).filter(({ requestStream }) => requestStream)).toMatchObject([
      { takes: STREAMED.request },
    ]);
  });
});

describe('what holds HTTP answers against the protocol', () => {
  const tensor = { name: 'x', shape: [2], datatype: 'FP32', data: [[1], [2]] };
  const answer = { model_name: 'm', outputs: [tensor] };
  const accepts = (body: unknown, path = '/v2/models/m/infer', status = 200) =>
    definedAnswer('POST', path, status)?.safeParse(body).success;

  it.each([
    ['an answer', answer, true],
    ['a tensor without data', { ...answer, outputs: [{ ...tensor, data: undefined }] }, false],
    ['a datatype that does not exist', { ...answer, outputs: [{ ...tensor, datatype: 'FLOAT' }] }, false],
    ['a side below nothing', { ...answer, outputs: [{ ...tensor, shape: [-1] }] }, false],
    ['an object for data', { ...answer, outputs: [{ ...tensor, data: [{}] }] }, false],
    ['a parameter that is an object', { ...answer, parameters: { a: {} } }, false],
    ['no name of the model', { outputs: [tensor] }, false],
  ])('judges %s', (_what, body, good) => {
    expect(accepts(body)).toBe(good);
  });

  it('judges failures, paths and requests too', () => {
    expect(accepts({ error: 'why' }, undefined, 400)).toBe(true);
    expect(accepts({ error: { message: 'why' } }, undefined, 400)).toBe(false);
    expect(definedAnswer('GET', '/v2/nowhere', 200)).toBeUndefined();
    expect(definedRequest().safeParse({ inputs: [tensor] }).success).toBe(true);
    expect(definedRequest().safeParse({ inputs: tensor }).success).toBe(false);
  });
});
