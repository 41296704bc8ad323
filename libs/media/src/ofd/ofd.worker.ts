import '../isolation/quiet-console.js';
import { serveJobs } from '../isolation/serve-jobs.js';
import { type OfdJob, type OfdPage, parseOfd } from './parse-ofd.js';

serveJobs<OfdJob, OfdPage[]>(async (job) => ({ value: await parseOfd(job), transfer: [] }));
