import { dirname } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { DomainError } from '@trivium/contracts';
import type { Tensor } from '@trivium/contracts/tensor';
import { inlineExternalData } from '../graph/external-data.js';
import { decodeModel } from '../graph/onnx-format.js';
import { refuseCustomOperators } from '../graph/operators.js';
import type { ModelFile } from '../program/program.js';
import { datatypeOf, fromOrt, toOrt } from '../tensor/ort-tensor.js';
import type { TensorMetadata } from '../tensor/tensor-task.js';
import { readVerifiedFile } from './verified-file.js';

/** As the runtime says it when the provider's library, or one that it needs, is not there. */
const CUDA_IS_ABSENT = /Failed to load (?:shared )?library|is unsupported: 'cuda'/u;

/** Where a session runs. */
export interface SessionPlace {
  readonly threads: number;
  /** Absent: this machine's processor. */
  readonly cuda?: { readonly device: number } | undefined;
  /** Several threads wait for each other awake while a run lasts: for many small products, one after the other. */
  readonly staysAwake?: boolean | undefined;
  /** Shapes that never change let the memory of a run be planned once. */
  readonly fixedShapes: boolean;
}

/** One loaded model that takes and gives raw tensors of any datatype. */
export interface TensorSession {
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
  /** Runs on the calling thread until it is done. Outputs: names, absent: all. */
  run(feeds: readonly Tensor[], outputs?: readonly string[]): Promise<Tensor[]>;
}

/**
 * Opens a file with what it names inside its own folder. Throws `model_not_available` that says what is wrong
 * with the file: missing, another one, not ONNX, weights outside its folder, an operator that is not there.
 */
export async function openTensorFile(file: ModelFile, place: SessionPlace): Promise<TensorSession> {
  const bytes = await readVerifiedFile(file);
  try {
    refuseCustomOperators(decodeModel(bytes));
    return await openTensorSession(await inlineExternalData(bytes, dirname(file.path)), place);
  } catch (cause) {
    if (DomainError.is(cause) && cause.code === 'model_not_available') throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('model_not_available', `The model's file cannot be read: ${message}`, { cause });
  }
}

/** Throws `model_not_available` when ONNX Runtime does not take the model, with its reason. */
export async function openTensorSession(bytes: Uint8Array, place: SessionPlace): Promise<TensorSession> {
  const session = await createSession(bytes, place);
  return {
    inputs: session.inputMetadata.map(metadataOf),
    outputs: session.outputMetadata.map(metadataOf),
    async run(feeds, outputs = session.outputNames) {
      const named: Record<string, ReturnType<typeof toOrt>> = {};
      for (const feed of feeds) named[feed.name] = toOrt(feed);
      const results = await session.run(named, outputs);
      return outputs.map((name) => {
        const tensor = results[name];
        if (tensor === undefined) throw new TypeError(`The session did not answer with '${name}'`);
        return fromOrt(name, tensor);
      });
    },
  };
}

/** Throws `model_not_available` when ONNX Runtime does not take the model, with its reason. */
export async function createSession(bytes: Uint8Array, place: SessionPlace): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, optionsOf(place));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (place.cuda !== undefined && CUDA_IS_ABSENT.test(message)) {
      const absent =
        'The CUDA provider of ONNX Runtime, or a library that it needs, is not installed (the log of the worker names it): see docs/guides/gpu.md';
      throw new DomainError('model_not_available', absent, { param: 'instance_group', cause });
    }
    throw new DomainError('model_not_available', `ONNX Runtime does not load it: ${reasonOf(message)}`, {
      cause,
    });
  }
}

/** One thread each unless told otherwise, which spins only where that was asked for: workers stand side by side, one per core. */
function optionsOf({
  threads,
  cuda,
  fixedShapes,
  staysAwake = false,
}: SessionPlace): InferenceSession.SessionOptions {
  return {
    executionProviders: cuda === undefined ? ['cpu'] : [{ name: 'cuda', deviceId: cuda.device }, 'cpu'],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: fixedShapes,
    enableCpuMemArena: true,
    logSeverityLevel: 3,
    extra: {
      session: {
        intra_op: { allow_spinning: staysAwake && threads > 1 ? '1' : '0' },
        inter_op: { allow_spinning: '0' },
        // Between runs the core is the others'.
        force_spinning_stop: '1',
      },
    },
  };
}

function metadataOf(value: InferenceSession.ValueMetadata): TensorMetadata {
  if (!value.isTensor) {
    throw new DomainError('model_not_available', `'${value.name}' is no tensor, which cannot be served`);
  }
  return { name: value.name, datatype: datatypeOf(value.type, value.name), sides: [...value.shape] };
}

/** Without the status codes and source files that ONNX Runtime puts around it. */
export function reasonOf(message: string): string {
  return message
    .replace(/^Error: /u, '')
    .replace('Non-zero status code returned while running ', '')
    .replaceAll(/\S*\/(?:onnxruntime|home|root|tmp|mnt|work)\/\S+/gu, '')
    .slice(0, 300);
}
