import { fileURLToPath } from 'node:url';
import { runService, startMicroservice } from '@trivium/platform';
import { openEvidenceKey } from './evidence/evidence-key.js';
import { ocrCertificationConfig } from './ocr-certification.config.js';
import { OcrCertificationModule } from './ocr-certification.module.js';

/** This file lies in `apps/ocr-certification/dist`. */
const DEFAULT_HOME = fileURLToPath(new URL('../../../.trivium', import.meta.url));

await runService({
  name: 'ocr-certification',
  config: ocrCertificationConfig,
  start: async (context) => {
    const { config, messaging } = context;
    const key = await openEvidenceKey(config.TRIVIUM_HOME ?? DEFAULT_HOME);
    return startMicroservice(OcrCertificationModule.register(config, messaging, key), context);
  },
});
