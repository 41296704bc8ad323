export { OnnxModel, type OnnxModelOptions } from './model/onnx-model.js';
export {
  openTensorModel,
  quarantinedFiles,
  TensorModel,
  type TensorModelOptions,
} from './model/tensor-model.js';
export { checkTensors } from './tensor/check-tensors.js';
export { completeManifest } from './tensor/complete-manifest.js';
export type {
  TensorFacts,
  TensorMetadata,
  TensorResult,
  TensorTask,
  TokenPooling,
  WarmUpTiming,
} from './tensor/tensor-task.js';
export type { DecoderRun, DecoderSession, DecoderShape } from './session/decoder-session.js';
export { pooled } from './tensor/pooling.js';
export { openTensorSession } from './session/tensor-session.js';
export { readVerifiedFile } from './session/verified-file.js';
export type { LoadProgram, ModelFile, Program, ProgramContext, Session, Values } from './program/program.js';
export { BEST_CLASS, BEST_PROBABILITY } from './graph/best-class.js';
export type { Attachment, TraceCarrier, Work } from './worker/protocol.js';
export { inlineExternalData } from './graph/external-data.js';
export { estimateWorkerBytes } from './inspection/estimate-memory.js';
export {
  checkModel,
  inspectModel,
  type InspectOptions,
  type ModelInspection,
} from './inspection/inspect-model.js';
export {
  type ModelProfile,
  type OperatorTime,
  profileModel,
  type ProfileOptions,
} from './inspection/profile-model.js';
export { randomInputs, type RandomInputOptions } from './inspection/random-inputs.js';
export {
  type CompareOptions,
  compareVariants,
  type PrecisionReport,
} from './quantization/compare-variants.js';
export { quantize, type Quantized, type QuantizeOptions } from './quantization/quantize.js';
export type { QuantizationReport, QuantizedVariant } from './quantization/report.js';
