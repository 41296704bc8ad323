export {
  type LoadedProgram,
  type ProgramFiles,
  programLifecycle,
  type ResidentProgram,
} from './engine/program-lifecycle.js';
export type { RegisteredModel } from './registry/registered-model.js';
export type { Caller, TensorAnswer, TensorRequest } from './engine/tensor-request.js';
export { settingsOf } from './engine/served-model.js';
export type { ProgramModel } from './engine/served-version.js';
export { inferenceConfig, type InferenceConfig } from './inference.config.js';
export { type InferenceServiceOptions, startWithInference } from './start-with-inference.js';
export { type Inference, type InferenceOptions, openInference } from './open-inference.js';
