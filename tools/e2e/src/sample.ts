import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './test-house.js';

/** A file of `samples/` as a data URL. */
export async function sampleUrl(path: string, mediaType: string): Promise<string> {
  const bytes = await readFile(join(root, 'samples', path));
  return `data:${mediaType};base64,${bytes.toString('base64')}`;
}

/** What really stands on a sample invoice, beside its picture. */
export async function sampleTruth(path: string): Promise<InvoiceTruth> {
  return JSON.parse(await readFile(join(root, 'samples', path), 'utf8')) as InvoiceTruth;
}

export interface InvoiceTruth {
  readonly fields: Readonly<Record<string, string | null>>;
}
