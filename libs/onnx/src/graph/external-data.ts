import { lstat, open, realpath } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import { encodeModel, decodeModel, graphsOf, type ModelProto, type TensorProto } from './onnx-format.js';
import { isExternal, tensorBytes } from './tensors.js';

export interface ExternalFile {
  /** As the model names it, relative to the model's folder. */
  readonly path: string;
  /** Bytes that the model takes from it. */
  readonly bytes: number;
}

interface Place {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** Files beside the model that hold weights, each once. Nothing is opened. */
export function externalFiles(model: ModelProto): ExternalFile[] {
  const files = new Map<string, number>();
  for (const tensor of externalTensors(model)) {
    const { path, length } = placeOf(tensor);
    files.set(path, (files.get(path) ?? 0) + length);
  }
  return [...files].map(([path, bytes]) => ({ path, bytes }));
}

/**
 * Makes sure that a model reads no file but regular ones inside its own folder, and none beyond its end.
 * Symbolic links are refused wherever they lead: a file could be swapped after it was checked.
 * @throws DomainError `invalid_request` that names the path and what is wrong with it
 */
export async function checkExternalData(model: ModelProto, folder: string): Promise<void> {
  for (const tensor of externalTensors(model)) await locate(placeOf(tensor), folder);
}

/** The model with the weights of other files moved into it, for passes that change weights. */
export async function inlineExternalData(bytes: Uint8Array, folder: string): Promise<Uint8Array> {
  const model = decodeModel(bytes);
  const tensors = [...externalTensors(model)];
  if (tensors.length === 0) return bytes;
  for (const tensor of tensors) {
    const place = placeOf(tensor);
    const file = await open(await locate(place, folder), 'r');
    try {
      const rawData = new Uint8Array(place.length);
      await file.read(rawData, 0, place.length, place.offset);
      tensor.rawData = rawData;
    } finally {
      await file.close();
    }
    delete tensor.externalData;
    delete tensor.dataLocation;
  }
  return encodeModel(model);
}

function* externalTensors({ graph, functions = [] }: ModelProto): Generator<TensorProto> {
  for (const one of graphsOf(graph)) {
    yield* one.initializer.filter(isExternal);
    for (const { values, indices } of one.sparseInitializer ?? []) {
      yield* [values, indices].filter((tensor) => tensor !== undefined).filter(isExternal);
    }
  }
  const nodes = [...graphsOf(graph), ...functions].flatMap(({ node }) => node);
  for (const { attribute } of nodes) {
    for (const { t, tensors = [] } of attribute) {
      yield* (t === undefined ? tensors : [t, ...tensors]).filter(isExternal);
    }
  }
}

function placeOf(tensor: TensorProto): Place {
  const value = (key: string): string | undefined =>
    tensor.externalData?.find((entry) => entry.key === key)?.value;
  const path = value('location') ?? '';
  const parts = path.split('/');
  if (isAbsolute(path) || path.includes('\\') || path.includes('\0') || parts.includes('..') || path === '') {
    throw refusal(path, 'is not inside the model’s folder');
  }
  const offset = Number(value('offset') ?? 0);
  const length = Number(value('length') ?? tensorBytes(tensor));
  if (!isSize(offset) || !isSize(length) || length !== tensorBytes(tensor)) {
    throw refusal(path, `does not hold tensor ${tensor.name ?? ''} in the place that the model names`);
  }
  return { path, offset, length };
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

async function locate({ path, offset, length }: Place, folder: string): Promise<string> {
  const expected = join(await realpath(folder), path);
  let size: number;
  try {
    const isLink = (await realpath(expected)) !== expected;
    const stats = await lstat(expected);
    if (isLink || !stats.isFile()) throw refusal(path, 'is not a plain file inside the model’s folder');
    size = stats.size;
  } catch (cause) {
    if (DomainError.is(cause)) throw cause;
    throw refusal(path, 'is missing', cause);
  }
  if (offset + length > size) throw refusal(path, 'is shorter than the model says');
  return expected;
}

function refusal(path: string, reason: string, cause?: unknown): DomainError {
  return new DomainError('invalid_request', `External data ${JSON.stringify(path)} ${reason}`, {
    details: { path },
    cause,
  });
}
