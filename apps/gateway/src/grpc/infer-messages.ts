import { DomainError } from '@trivium/contracts';
import { type AnswerParameters, RequestParameters } from '@trivium/contracts/open-inference';
import { checkRaw } from '@trivium/contracts/open-inference-tensor';
import { Datatype, type Tensor } from '@trivium/contracts/tensor';
import { z } from 'zod';
import { inputFault } from '../errors/input-fault.js';
import type { InferAnswer, InferQuestion } from '../v2/infer.js';
import { readModelName, readVersion } from '../v2/model-name.js';
import { type Contents, contentsToRaw, rawToContents } from './typed-contents.js';

/** Of a oneof, the field that is set; 64-bit integers are decimal strings. */
export interface ParameterMessage {
  readonly parameter_choice?: string;
  readonly [value: string]: unknown;
}

export type ParameterMessages = Readonly<Record<string, ParameterMessage>>;

export interface InferRequestMessage {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: ParameterMessages;
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly string[];
    readonly parameters: ParameterMessages;
    readonly contents: Contents | null;
  }[];
  readonly outputs: readonly { readonly name: string; readonly parameters: ParameterMessages }[];
  readonly raw_input_contents: readonly Buffer[];
}

/** Which outputs come raw is not one of them here. */
const INFER_PARAMETERS = RequestParameters.omit({ binary_data_output: true });
const MOST_SIDES = 9;
const MOST_TENSORS = 64;

/** Throws `invalid_request`, `unsupported_parameter` or `model_not_found` that names the field. */
export function readInferRequest(message: InferRequestMessage): InferQuestion {
  const { inputs, outputs, raw_input_contents: raw } = message;
  if (inputs.length === 0 || inputs.length > MOST_TENSORS)
    throw fault('inputs', `1 to ${MOST_TENSORS} belong here`);
  if (outputs.length > MOST_TENSORS) throw fault('outputs', `at most ${MOST_TENSORS} belong here`);
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw fault('raw_input_contents', `has ${raw.length} elements for ${inputs.length} inputs`);
  }
  outputs.forEach((output, index) => refuseParameters(output.parameters, `outputs[${index}].parameters`));
  return {
    ...readModelName(message.model_name),
    version: readVersion(message.model_version),
    inputs: inputs.map((input, index) => readInput(input, raw[index], `inputs[${index}]`)),
    outputs: outputs.length === 0 ? undefined : outputs.map(({ name }) => name),
    parameters: readParameters(INFER_PARAMETERS, message.parameters),
  };
}

/** Raw where the request was, and where an output has no other form. */
export function writeInferAnswer(
  answer: InferAnswer,
  { id, raw_input_contents: raw }: InferRequestMessage,
): object {
  const contents = answer.outputs.map(({ datatype, data }) => rawToContents(datatype, data));
  const isRaw = raw.length > 0 || contents.includes(undefined);
  return {
    model_name: answer.model,
    model_version: answer.version,
    id,
    parameters: writeParameters({ ...answer.parameters, cache: answer.cache }),
    outputs: answer.outputs.map(({ name, datatype, shape }, index) => ({
      name,
      datatype,
      shape,
      ...(!isRaw && { contents: contents[index] }),
    })),
    raw_output_contents: isRaw ? answer.outputs.map(({ data }) => data) : [],
  };
}

/** The same parameters as over HTTP. Throws what names the first that is unknown or no such value. */
export function readParameters<Schema extends z.ZodType>(
  schema: Schema,
  messages: ParameterMessages,
): z.output<Schema> {
  const values = Object.fromEntries(
    Object.entries(messages).map(([name, message]) => [name, parameterValue(message)]),
  );
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({ ...issue, path: ['parameters', ...issue.path] }));
  throw inputFault(new z.ZodError(issues), { parameters: values });
}

/** For tensors, whose every parameter is refused, by its name. */
function refuseParameters(parameters: ParameterMessages, path: string): void {
  const [name] = Object.keys(parameters);
  if (name === undefined) return;
  const param = `${path}.${name}`;
  throw new DomainError('unsupported_parameter', `Unknown parameter: '${param}'.`, { param });
}

function readInput(
  { name, datatype, shape, parameters, contents }: InferRequestMessage['inputs'][number],
  raw: Buffer | undefined,
  path: string,
): Tensor {
  refuseParameters(parameters, `${path}.parameters`);
  if (name === '') throw fault(`${path}.name`, 'is empty');
  const type = Datatype.safeParse(datatype);
  if (!type.success) throw fault(`${path}.datatype`, `there is no datatype '${datatype}'`);
  const sides = shape.map(Number);
  if (sides.length > MOST_SIDES || sides.some((side) => !Number.isSafeInteger(side) || side < 0)) {
    throw fault(`${path}.shape`, `expected at most ${MOST_SIDES} sides of 0 or more`);
  }
  const head = { name, datatype: type.data, shape: sides };
  if (raw === undefined) return { ...head, data: contentsToRaw(head, contents ?? {}, path) };
  if (contents !== null)
    throw fault(`${path}.contents`, 'stands beside raw_input_contents; send one of them');
  checkRaw(head, raw, path);
  return { ...head, data: raw };
}

function parameterValue(message: ParameterMessage): unknown {
  const { parameter_choice: choice } = message;
  const value = choice === undefined ? undefined : message[choice];
  return choice === 'int64_param' || choice === 'uint64_param' ? Number(value) : value;
}

function writeParameters(parameters: AnswerParameters): Record<string, object> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (typeof value === 'boolean') return [name, { bool_param: value }];
      if (typeof value === 'string') return [name, { string_param: value }];
      return [name, Number.isSafeInteger(value) ? { int64_param: value } : { double_param: value }];
    }),
  );
}

function fault(param: string, message: string): DomainError {
  return new DomainError('invalid_request', `'${param}': ${message}.`, { param });
}
