export { processesWith } from './processes.js';
export { type InvoiceTruth, sampleTruth, sampleUrl } from './sample.js';
export { root, startTestHouse, type TestHouse } from './test-house.js';
export { startUpstream, type Upstream } from './upstream.js';
