import { runService, startMicroservice } from '@trivium/platform';
import { ocrCertificationConfig } from './ocr-certification.config.js';
import { OcrCertificationModule } from './ocr-certification.module.js';

await runService({
  name: 'ocr-certification',
  config: ocrCertificationConfig,
  start: (context) =>
    startMicroservice(OcrCertificationModule.register(context.config, context.messaging), context),
});
