import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CATALOGUE, DRAWN_KINDS, type DrawnKind } from './catalogue.js';
import type { DocumentTruth } from './document.js';
import { renderDocument } from './render-document.js';
import { type Degree, degradationOf, DEGREES, seedOf, type SetSplit } from './splits.js';

/** What is stored beside each picture. */
export interface SetEntry extends DocumentTruth {
  readonly file: string;
  readonly split: SetSplit;
  readonly degree: Degree;
  readonly seed: number;
}

export interface SetWishes {
  readonly split: SetSplit;
  /** Documents of each kind; degrees take turns, and so do the kinds that begin with them. */
  readonly count: number;
  readonly kinds?: readonly DrawnKind[];
  readonly degrees?: readonly Degree[];
  /** The first document's place in the split. */
  readonly first?: number;
}

/** Draws a set into `folder`: `<kind>-<seed>.jpg` and `.json`. Fonts must be registered. */
export async function writeSet(folder: string, wishes: SetWishes): Promise<SetEntry[]> {
  const { split, count, kinds = DRAWN_KINDS, degrees = DEGREES, first = 0 } = wishes;
  await mkdir(folder, { recursive: true });
  const entries: SetEntry[] = [];
  for (const kind of kinds) {
    const place = DRAWN_KINDS.indexOf(kind);
    for (let index = 0; index < count; index += 1) {
      const seed = seedOf(split, place, first + index);
      const degree = degrees[(index + place) % degrees.length] ?? 'clean';
      entries.push(await writeDocument(folder, { kind, seed, degree, split }));
    }
  }
  return entries;
}

async function writeDocument(
  folder: string,
  { kind, seed, degree, split }: Pick<SetEntry, 'seed' | 'degree' | 'split'> & { readonly kind: DrawnKind },
): Promise<SetEntry> {
  const document = CATALOGUE[kind](seed);
  const name = `${kind}-${seed}`;
  const entry: SetEntry = { file: `${name}.jpg`, split, degree, seed, ...document.truth };
  await writeFile(
    join(folder, entry.file),
    await renderDocument(document, degradationOf(seed, degree, document), seed),
  );
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(entry, null, 2)}\n`);
  return entry;
}
