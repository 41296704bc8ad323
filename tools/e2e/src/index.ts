export { type Said, trivium } from './command-line.js';
export { eventually } from './eventually.js';
export { writeModel } from './model-folder.js';
export {
  inferBinary,
  inferGrpc,
  inferJson,
  type InferAnswer,
  type JsonTensor,
  v2,
} from './open-inference.js';
export { childrenOf, processesWith } from './processes.js';
export { type InvoiceTruth, sampleTruth, sampleUrl } from './sample.js';
export { root, startTestHouse, type TestHouse } from './test-house.js';
export { startUpstream, type Upstream } from './upstream.js';
