export { decodeModel } from '../graph/onnx-format.js';
export { decoderFiles } from './decoder-files.js';
export {
  type DecoderForm,
  decoderModel,
  type DecoderShape,
  SMOLLM2_135M,
  TINY_DECODER,
} from './decoder-model.js';
export {
  encoderModel,
  type EncoderShape,
  type EncoderVariation,
  MINILM_L6,
  TINY_ENCODER,
} from './encoder-model.js';
export {
  type ExternalModel,
  externalDataModel,
  truncatedModel,
  unknownOperatorModel,
} from './faulty-models.js';
export { GraphBuilder, type NodeOptions, type Side, type SyntheticModel } from './graph-builder.js';
export { Random } from '../inspection/random.js';
export {
  addModel,
  convClassifier,
  decoderStep,
  denseClassifier,
  halfPrecisionModel,
  identityModel,
  slowModel,
  upperCaseModel,
} from './small-models.js';
