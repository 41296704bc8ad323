export { canonicalJson } from './statement/canonical-json.js';
export { wireName } from './statement/commitment.js';
export { type EvidenceFacts, issueEvidence } from './statement/issue-evidence.js';
export { isSignedBy, keyIdOf, rawPublicKey } from './statement/signature.js';
export { type PresentedEvidence, type Verified, verifyEvidence } from './statement/verify-evidence.js';
