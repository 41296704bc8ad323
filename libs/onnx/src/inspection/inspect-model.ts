import { checkExternalData, type ExternalFile, externalFiles } from '../graph/external-data.js';
import {
  decodeModel,
  graphsOf,
  type ModelProto,
  type TensorProto,
  type ValueInfoProto,
} from '../graph/onnx-format.js';
import { allNodes, customOperators, operatorName, refuseCustomOperators } from '../graph/operators.js';
import { bitsOf, dataTypeName, elementsOf, tensorBytes } from '../graph/tensors.js';
import { estimateLoadBytes } from './estimate-memory.js';

interface ValueDescription {
  readonly name: string;
  /** As ONNX names it: FLOAT, INT64. */
  readonly type: string;
  /** A number is a fixed side, a name one that varies, `?` one without a name; absent: rank not known. */
  readonly shape?: readonly (number | string)[] | undefined;
}

interface ParameterSummary {
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
}

/** What a file holds, without loading it. Plain data. */
export interface ModelInspection {
  readonly irVersion: number;
  readonly producer: string;
  readonly operatorSets: readonly { readonly domain: string; readonly version: number }[];
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  /** Most frequent first. */
  readonly operators: readonly { readonly operator: string; readonly count: number }[];
  readonly parameters: ParameterSummary & { readonly byType: Readonly<Record<string, ParameterSummary>> };
  readonly fileBytes: number;
  readonly externalData: readonly ExternalFile[];
  /** Resident memory that loading it takes. */
  readonly estimatedLoadBytes: number;
  /** Most memory that the values around one node take, of those whose shape the file tells. */
  readonly estimatedRunBytes?: number | undefined;
  /** Operators that ONNX Runtime does not have; a model with any is refused. */
  readonly customOperators: readonly string[];
  readonly nestedGraphs: number;
  readonly functions: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface InspectOptions {
  /** Where external data lies; given, its files are checked to be there. */
  readonly folder?: string | undefined;
  /** Value of varying sides in the estimate: the first side of an input is the batch. */
  readonly batch?: number | undefined;
  readonly length?: number | undefined;
}

/** @throws DomainError `unsupported_media` when it is no ONNX model; `invalid_request` about external data */
export async function inspectModel(
  bytes: Uint8Array,
  options: InspectOptions = {},
): Promise<ModelInspection> {
  const model = decodeModel(bytes);
  const { graph, functions = [], metadataProps = [] } = model;
  if (options.folder !== undefined) await checkExternalData(model, options.folder);
  const externalData = externalFiles(model);
  const external = externalData.reduce((sum, file) => sum + file.bytes, 0);
  return {
    irVersion: model.irVersion,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    operatorSets: model.opsetImport.map(({ domain = '', version }) => ({ domain, version })),
    inputs: graph.input.map(describe),
    outputs: graph.output.map(describe),
    operators: countOperators(model),
    parameters: countParameters(model),
    fileBytes: bytes.byteLength,
    externalData,
    estimatedLoadBytes: estimateLoadBytes(bytes.byteLength + external),
    estimatedRunBytes: estimateRunBytes(model, options),
    customOperators: customOperators(model),
    nestedGraphs: [...graphsOf(graph)].length - 1,
    functions: functions.length,
    metadata: Object.fromEntries(metadataProps.map(({ key = '', value = '' }) => [key, value])),
  };
}

/**
 * What must hold before a file is published or loaded: it is an ONNX model, it needs no native code but
 * ONNX Runtime's, and it reads no file outside its folder.
 */
export async function checkModel(bytes: Uint8Array, folder: string): Promise<void> {
  const model = decodeModel(bytes);
  refuseCustomOperators(model);
  await checkExternalData(model, folder);
}

function describe({ name, type }: ValueInfoProto): ValueDescription {
  const { elemType, shape } = type?.tensorType ?? {};
  if (elemType === undefined) return { name, type: type?.sequenceType === undefined ? 'OTHER' : 'SEQUENCE' };
  const sides = shape?.dim.map(({ dimValue, dimParam }) => dimValue ?? dimParam ?? '?');
  return { name, type: dataTypeName(elemType), shape: sides };
}

function countOperators(model: ModelProto): { operator: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const node of allNodes(model)) {
    const operator = operatorName(node);
    if (operator !== 'Constant') counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  const table = [...counts].map(([operator, count]) => ({ operator, count }));
  return table.toSorted(
    (one, other) => other.count - one.count || one.operator.localeCompare(other.operator),
  );
}

function countParameters(model: ModelProto): ModelInspection['parameters'] {
  const total = { tensors: 0, parameters: 0, bytes: 0 };
  const byType: Record<string, typeof total> = {};
  for (const tensor of constantsOf(model)) {
    const ofType = (byType[dataTypeName(tensor.dataType)] ??= { tensors: 0, parameters: 0, bytes: 0 });
    for (const sum of [total, ofType]) {
      sum.tensors += 1;
      sum.parameters += elementsOf(tensor.dims);
      sum.bytes += tensorBytes(tensor);
    }
  }
  return { ...total, byType };
}

function constantsOf(model: ModelProto): TensorProto[] {
  const weights = [...graphsOf(model.graph)].flatMap(({ initializer }) => initializer);
  const inNodes = allNodes(model).filter(({ opType }) => opType === 'Constant');
  return [...weights, ...inNodes.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? []))];
}

function estimateRunBytes(
  { graph }: ModelProto,
  { batch = 1, length = 128 }: InspectOptions,
): number | undefined {
  const sizes = new Map<string, number>();
  for (const { name, type } of [...graph.input, ...graph.valueInfo, ...graph.output]) {
    const { elemType = 0, shape } = type?.tensorType ?? {};
    if (shape === undefined) continue;
    const sides = shape.dim.map(({ dimValue }, index) => dimValue ?? (index === 0 ? batch : length));
    sizes.set(name, Math.ceil((elementsOf(sides) * bitsOf(elemType)) / 8));
  }
  const atNode = graph.node.map(({ input, output }) =>
    [...input, ...output].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0),
  );
  const most = Math.max(0, ...atNode);
  return most === 0 ? undefined : most;
}
