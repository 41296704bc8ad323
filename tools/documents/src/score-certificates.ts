import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractCertificate } from '@trivium/contracts/certificates';
import type { CertificateTruth } from './certificate/specification.js';
import { addTallies, type Score, type Tally } from './score/compare.js';
import { compareCertificate } from './score/compare-certificate.js';
import { RunningServices } from './score/running-services.js';

/** Verdicts that must be right. */
const GOAL = 0.96;

const [folder = 'samples/certificates'] = process.argv.slice(2);
const home = await mkdtemp(join(tmpdir(), 'trivium-score-'));
process.env['TRIVIUM_HOME'] = home;
process.exitCode = await score().finally(() => rm(home, { recursive: true, force: true }));

async function score(): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  await using services = await RunningServices.start();
  const scores: { readonly truth: CertificateTruth; readonly score: Score; readonly ms: number }[] = [];
  for (const name of names) {
    const truth = JSON.parse(await readFile(join(folder, name), 'utf8')) as CertificateTruth;
    const bytes = await readFile(join(folder, truth.file));
    const started = performance.now();
    const document = await services.messaging.blobs.put(bytes, 'image/jpeg');
    const request = { document, path: truth.file };
    const { certificate } = await services.messaging.call(extractCertificate, request, { deadline: 60_000 });
    const ms = performance.now() - started;
    const result = compareCertificate(truth, certificate);
    for (const { file, value, expected, read } of result.mistakes) {
      console.log(
        `${file} (${truth.condition}) ${value}: expected ${expected ?? 'nothing'}, read ${read ?? 'nothing'}`,
      );
    }
    scores.push({ truth, score: result, ms });
  }
  const conditions = [...new Set(scores.map(({ truth }) => truth.condition))].sort();
  for (const condition of conditions) {
    report(
      condition,
      scores.filter(({ truth }) => truth.condition === condition).map((entry) => entry.score),
    );
  }
  const legible = scores.filter(({ truth }) => !truth.reason?.startsWith('quality:'));
  report(
    'legible',
    legible.map((entry) => entry.score),
  );
  const { right, of } = report(
    'all',
    scores.map((entry) => entry.score),
  );
  const times = scores.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(times[Math.floor(share * (times.length - 1))] ?? 0)} ms`;
  console.log(`one at a time: median ${at(0.5)}, p95 ${at(0.95)}`);
  return right >= GOAL * of ? 0 : 1;
}

function report(name: string, entries: readonly Score[]): Tally {
  const share = ({ right, of }: Tally): string =>
    `${right}/${of} (${((100 * right) / Math.max(1, of)).toFixed(1)} %)`;
  const verdicts = addTallies(entries.map((entry) => entry.verdicts));
  const fields = addTallies(entries.map((entry) => entry.fields));
  console.log(`${name.padEnd(18)} fields ${share(fields)}  verdicts ${share(verdicts)}`);
  return verdicts;
}
