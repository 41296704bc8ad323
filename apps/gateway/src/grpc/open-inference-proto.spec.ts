import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { expect, it } from 'vitest';

const PROTO = fileURLToPath(new URL('../../proto/open-inference.proto', import.meta.url));
const definition = loadSync(PROTO, { keepCase: true });

interface Message {
  readonly type: { readonly field: readonly { readonly name: string; readonly number: number }[] };
}

/** From the protocol's own definition. */
const NUMBERS = {
  ServerMetadataResponse: { name: 1, version: 2, extensions: 3 },
  ModelMetadataResponse: { name: 1, versions: 2, platform: 3, inputs: 4, outputs: 5 },
  InferParameter: { bool_param: 1, int64_param: 2, string_param: 3, double_param: 4, uint64_param: 5 },
  InferTensorContents: {
    bool_contents: 1,
    int_contents: 2,
    int64_contents: 3,
    uint_contents: 4,
    uint64_contents: 5,
    fp32_contents: 6,
    fp64_contents: 7,
    bytes_contents: 8,
  },
  ModelInferRequest: {
    model_name: 1,
    model_version: 2,
    id: 3,
    parameters: 4,
    inputs: 5,
    outputs: 6,
    raw_input_contents: 7,
  },
  ModelInferResponse: {
    model_name: 1,
    model_version: 2,
    id: 3,
    parameters: 4,
    outputs: 5,
    raw_output_contents: 6,
  },
  ModelStreamInferResponse: { error_message: 1, infer_response: 2 },
};

it.each(Object.entries(NUMBERS))('%s has the numbers of the protocol', (name, numbers) => {
  const { type } = definition[`inference.${name}`] as unknown as Message;

  expect(Object.fromEntries(type.field.map((field) => [field.name, field.number]))).toEqual(numbers);
});
