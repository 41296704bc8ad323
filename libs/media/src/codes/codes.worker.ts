import '../isolation/quiet-console.js';
import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import { serveJobs } from '../isolation/serve-jobs.js';
import { type Pixels, scanCodes } from './scan-codes.js';

serveJobs<Pixels, DocumentCode[]>(async (pixels) => ({ value: await scanCodes(pixels), transfer: [] }));
