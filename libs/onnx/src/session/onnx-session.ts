import { InferenceSession, Tensor } from 'onnxruntime-node';
import { simplifyModel, type SimplifyOptions } from '../graph/simplify-model.js';
import type { Session, Values } from '../program/program.js';

/**
 * One thread per session: workers stand side by side, one per core, and a second thread would take the
 * neighbour's. Memory patterns are planned per shape, so with shapes that change they only grow.
 */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableMemPattern: false,
  enableCpuMemArena: true,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};

export async function openOnnxSession(bytes: Uint8Array, options: SimplifyOptions = {}): Promise<Session> {
  const session = await InferenceSession.create(simplifyModel(bytes, options), SESSION_OPTIONS);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)]),
      );
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, valuesOf(name, tensor)]),
      );
    },
  };
}

function valuesOf(name: string, tensor: Tensor): Values {
  const { data, dims } = tensor;
  if (!(data instanceof Float32Array))
    throw new TypeError(`Output ${name} holds ${tensor.type}, not float32`);
  return { data, dims };
}
