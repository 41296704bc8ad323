const MIB = 1024 ** 2;
/** A worker without a model: Node and ONNX Runtime. 85 MiB was measured. */
const WORKER_BYTES = 90 * MIB;
/**
 * Resident memory of a model per byte of its file while it loads: the weights, and their copy in the layout
 * of the matrix kernels. Measured with onnxruntime-node 1.30 on an encoder: a worker of its fp32 file of
 * 86 MiB begins with 224 MiB and holds 200 later (estimate: 232), one of its int8 file of 26 MiB 135 (133).
 */
const LOAD_FACTOR = 1.65;

/** Resident memory of a model, told from the size of its file (with external data) alone. */
export function estimateLoadBytes(fileBytes: number): number {
  return Math.round(fileBytes * LOAD_FACTOR);
}

/** Resident memory of a worker process that loads a file of this size. */
export function estimateWorkerBytes(fileBytes: number): number {
  return WORKER_BYTES + estimateLoadBytes(fileBytes);
}
