export { OnnxModel, type OnnxModelOptions } from './model/onnx-model.js';
export type { LoadProgram, ModelFile, Program, ProgramContext, Session, Values } from './program/program.js';
export { BEST_CLASS, BEST_PROBABILITY } from './graph/best-class.js';
export type { Attachment, TraceCarrier, Work } from './worker/protocol.js';
