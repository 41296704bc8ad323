export { checkCertificate } from './check-certificate.js';
export type { Finding } from './finding.js';
export { type Judged, judgeCertificate, type VerdictThresholds } from './judge.js';
export { judgeMeasure } from './judge-measure.js';
export { FIELDS_OF } from './required-fields.js';
