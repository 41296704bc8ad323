import { DomainError } from './error.js';
import {
  type AnswerParameters,
  HEADER_LENGTH,
  type InferenceRequest,
  type InferenceResponse,
  type RequestInput,
} from './open-inference.js';
import { checkRaw, decodeValues, encodeValues } from './open-inference-tensor.js';
import type { Tensor } from './tensor.js';

/** JSON and what stands behind it. Views of the body; nothing is copied. */
export interface InferenceBody {
  readonly json: Uint8Array;
  readonly binary: Uint8Array;
}

/** `headerLength` is what the header {@link HEADER_LENGTH} says; without it the body is all JSON. */
export function splitBody(body: Uint8Array, headerLength: string | undefined): InferenceBody {
  if (headerLength === undefined) return { json: body, binary: body.subarray(body.byteLength) };
  const length = /^\d{1,10}$/.test(headerLength) ? Number(headerLength) : Infinity;
  if (length <= body.byteLength) return { json: body.subarray(0, length), binary: body.subarray(length) };
  throw new DomainError(
    'invalid_request',
    `'${HEADER_LENGTH}': expected a number of bytes up to the ${body.byteLength} of the body.`,
    { param: HEADER_LENGTH },
  );
}

/** Tensors of a request, checked against their own shapes; raw ones are views of `binary`. Throws `invalid_request`. */
export function readInputs({ inputs }: InferenceRequest, binary: Uint8Array): Tensor[] {
  let at = 0;
  const tensors = inputs.map((input, index) => {
    const path = `inputs[${index}]`;
    const size = input.parameters?.binary_data_size;
    const raw = size === undefined ? undefined : binary.subarray(at, at + size);
    at += size ?? 0;
    if (at > binary.byteLength) {
      throw invalid(
        `${path}.parameters.binary_data_size`,
        `${at} bytes are announced so far; ${binary.byteLength} came behind the JSON`,
      );
    }
    return readTensor(input, raw, path);
  });
  if (at === binary.byteLength) return tensors;
  throw invalid('inputs', `${binary.byteLength - at} of the bytes behind the JSON belong to no input`);
}

function readTensor(
  { name, datatype, shape, data }: RequestInput,
  raw: Uint8Array | undefined,
  path: string,
): Tensor {
  const head = { name, datatype, shape };
  if (raw === undefined) {
    if (data === undefined) throw invalid(`${path}.data`, 'missing, and no binary_data_size is given');
    return { ...head, data: encodeValues(head, data, path) };
  }
  if (data !== undefined) throw invalid(`${path}.data`, 'stands beside binary_data_size; send one of them');
  checkRaw(head, raw, path);
  return { ...head, data: raw };
}

export interface InferenceAnswer {
  readonly model: string;
  readonly version: string;
  readonly id?: string | undefined;
  readonly parameters: AnswerParameters;
  readonly outputs: readonly Tensor[];
}

export interface WrittenAnswer {
  readonly json: InferenceResponse;
  /** In the order of the outputs; without any the answer is plain JSON. */
  readonly binary: readonly Uint8Array[];
}

/** Whether an output comes raw is what it says itself, then what the request says, then no. */
export function writeAnswer(
  answer: InferenceAnswer,
  { outputs, parameters }: InferenceRequest,
): WrittenAnswer {
  const binary: Uint8Array[] = [];
  const written = answer.outputs.map(({ name, datatype, shape, data }, index) => {
    const asked = outputs?.find((output) => output.name === name)?.parameters?.binary_data;
    const head = { name, datatype, shape: [...shape] };
    if (!(asked ?? parameters?.binary_data_output ?? false)) {
      return { ...head, data: decodeValues({ datatype, shape, data }, `outputs[${index}]`) };
    }
    binary.push(data);
    return { ...head, parameters: { binary_data_size: data.byteLength } };
  });
  const json = {
    model_name: answer.model,
    model_version: answer.version,
    ...(answer.id !== undefined && { id: answer.id }),
    ...(Object.keys(answer.parameters).length > 0 && { parameters: answer.parameters }),
    outputs: written,
  };
  return { json, binary };
}

/** One output as any server may write it. */
export interface AnsweredOutput extends Omit<Tensor, 'data'> {
  readonly parameters?: { readonly binary_data_size?: number | undefined } | undefined;
  readonly data?: readonly unknown[] | undefined;
}

/** What another server answered: tensors, the raw ones as views of `binary`. Throws `upstream_error` where it breaks the protocol. */
export function readAnswer(outputs: readonly AnsweredOutput[], binary: Uint8Array): Tensor[] {
  let at = 0;
  try {
    return outputs.map(({ name, datatype, shape, parameters, data = [] }, index) => {
      const path = `outputs[${index}]`;
      const size = parameters?.binary_data_size;
      if (size === undefined) {
        return { name, datatype, shape, data: encodeValues({ datatype, shape }, data, path) };
      }
      const raw = binary.subarray(at, (at += size));
      checkRaw({ datatype, shape }, raw, path);
      return { name, datatype, shape, data: raw };
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DomainError('upstream_error', `The answer of the server is broken: ${reason}`, {
      cause: error,
    });
  }
}

function invalid(param: string, message: string): DomainError {
  return new DomainError('invalid_request', `'${param}': ${message}.`, { param });
}
