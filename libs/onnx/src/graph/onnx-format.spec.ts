import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '@trivium/contracts';
import { encoderModel, externalDataModel, slowModel, unknownOperatorModel } from '../synthesis/synthesis.js';
import { decodeModel, encodeModel, graphsOf, type ModelProto } from './onnx-format.js';
import { customOperators, refuseCustomOperators } from './operators.js';

const thrownBy = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

function withNamelessNode(): Uint8Array {
  const model = decodeModel(slowModel().bytes);
  for (const node of model.graph.node) delete (node as { opType?: string }).opType;
  return encodeModel(model);
}

describe('decodeModel', () => {
  it.each([encoderModel(), slowModel(), externalDataModel()])('loses nothing', ({ bytes }) => {
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it('reads what a model may hold beside nodes', () => {
    const model: ModelProto = {
      ...decodeModel(slowModel().bytes),
      metadataProps: [{ key: 'author', value: 'someone' }],
      functions: [{ name: 'Own', domain: 'here', input: ['x'], output: ['y'], node: [], opsetImport: [] }],
    };
    model.graph.quantizationAnnotation = [
      { tensorName: 'x', quantParameterTensorNames: [{ key: 'SCALE_TENSOR', value: 's' }] },
    ];
    model.graph.sparseInitializer = [
      {
        values: { name: 'sparse', dims: [1], dataType: 1, floatData: [2.5] },
        indices: { dims: [1], dataType: 7, int64Data: [9_007_199_254_740_993n] },
        dims: [8],
      },
    ];

    expect(decodeModel(encodeModel(model))).toEqual(model);
    expect([...graphsOf(model.graph)].map(({ name }) => name)).toEqual(['slow', 'round']);
  });

  it.each([
    ['nothing', new Uint8Array(0), 'no format version'],
    ['text', Buffer.from('hello, this is not a model'), 'not an ONNX model'],
    ['half a model', encoderModel().bytes.subarray(0, 3_000), 'ends inside'],
    [
      'a model without outputs',
      encodeModel({
        ...decodeModel(slowModel().bytes),
        graph: {
          node: [],
          initializer: [],
          input: [],
          output: [],
          valueInfo: [],
        },
      }),
      'no output',
    ],
    ['a node without operator', withNamelessNode(), 'names no operator'],
    [
      'a model without operator sets',
      encodeModel({ ...decodeModel(slowModel().bytes), opsetImport: [] }),
      'no operator set',
    ],
  ])('refuses %s', (_name, bytes, reason) => {
    const error = thrownBy(() => decodeModel(bytes));

    expect(DomainError.is(error) && error.code).toBe('unsupported_media');
    expect(String(error)).toContain(reason);
  });
});

it('reads or refuses whatever a model’s bytes are changed to, and throws nothing else', () => {
  const models = [slowModel(), encoderModel(), externalDataModel()].map(({ bytes }) => bytes);
  const change = fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (bytes, changes) => {
        const changed = Uint8Array.from(bytes);
        for (const { place, byte } of changes) changed[Math.floor(place * place * bytes.length)] = byte;

        const result = thrownBy(() => encodeModel(decodeModel(changed)));

        expect(result instanceof Uint8Array || DomainError.is(result)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

describe('custom operators', () => {
  it('are named and refused, wherever they are', () => {
    const outside = decodeModel(unknownOperatorModel('example.custom').bytes);
    const inside = decodeModel(slowModel().bytes);
    for (const { name, node } of graphsOf(inside.graph)) {
      if (name === 'round')
        node.push({ opType: 'Hidden', domain: 'evil', input: [], output: [], attribute: [] });
    }

    expect(customOperators(outside)).toEqual(['example.custom:Teleport']);
    expect(customOperators(inside)).toEqual(['evil:Hidden']);
    expect(thrownBy(() => refuseCustomOperators(inside))).toMatchObject({
      code: 'invalid_request',
      message: 'Custom operators are not run: evil:Hidden',
    });
  });

  it('are none when the model itself defines them', () => {
    const model = decodeModel(unknownOperatorModel('own').bytes);
    model.functions = [{ name: 'Teleport', domain: 'own', input: [], output: [], node: [], opsetImport: [] }];

    expect(customOperators(model)).toEqual([]);
    expect(() => refuseCustomOperators(model)).not.toThrow();
  });
});
