import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { extractInvoice } from '@trivium/contracts/ocr-certification';
import type { Messaging } from '@trivium/messaging';
import type { InvoiceTruth, Split } from './invoice/truth.js';
import { addTallies, compareInvoice, type Score, type Tally } from './score/compare.js';
import { RunningServices } from './score/running-services.js';

/** Exact-field recall that the services must reach, by split. */
const GOALS: Readonly<Record<Split, number>> = { clean: 1, mild: 0.99, hard: 0.95 };

const [folder = 'samples/invoices'] = process.argv.slice(2);
const truths = await readTruths(folder);
await using services = await RunningServices.start();
const scores: { readonly split: Split; readonly score: Score }[] = [];
for (const truth of truths) {
  const score = compareInvoice(truth, await read(services.messaging, join(folder, truth.file)));
  for (const { file, value, expected, read } of score.mistakes) {
    console.log(`${file} ${value}: expected ${expected ?? 'nothing'}, read ${read ?? 'nothing'}`);
  }
  scores.push({ split: truth.split, score });
}
await scorePdf();
const met = (Object.keys(GOALS) as Split[]).map((split) =>
  report(
    split,
    scores.filter((entry) => entry.split === split),
  ),
);
process.exitCode = met.every(Boolean) ? 0 : 1;

async function readTruths(directory: string): Promise<InvoiceTruth[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as InvoiceTruth);
}

/** The page that was drawn as a PDF says what the first picture says. */
async function scorePdf(): Promise<void> {
  const path = join(folder, 'invoice-01.pdf');
  const [truth] = truths;
  if (truth === undefined || !existsSync(path)) return;
  const { fields, cells, mistakes } = compareInvoice(truth, await read(services.messaging, path));
  const wrong = mistakes.map(({ value }) => value).join(', ') || 'nothing wrong';
  console.log(
    `invoice-01.pdf  fields ${fields.right}/${fields.of}  cells ${cells.right}/${cells.of}  ${wrong}`,
  );
}

async function read(messaging: Messaging, path: string) {
  const mediaType = path.endsWith('.pdf') ? 'application/pdf' : 'image/jpeg';
  const document = await messaging.blobs.put(await readFile(path), mediaType);
  const { invoice } = await messaging.call(extractInvoice, { document, path }, { deadline: 60_000 });
  return invoice;
}

function report(split: Split, entries: readonly { readonly score: Score }[]): boolean {
  const share = ({ right, of }: Tally): string =>
    `${right}/${of} (${((100 * right) / Math.max(1, of)).toFixed(1)} %)`;
  const fields = addTallies(entries.map(({ score }) => score.fields));
  const cells = addTallies(entries.map(({ score }) => score.cells));
  const verdicts = addTallies(entries.map(({ score }) => score.verdicts));
  const met = fields.right >= fields.of * GOALS[split];
  console.log(
    `${split.padEnd(5)}  fields ${share(fields)}  cells ${share(cells)}  verdicts ${share(verdicts)}  goal ${100 * GOALS[split]} % ${met ? 'met' : 'MISSED'}`,
  );
  return met;
}
