import { Invoice } from '@trivium/contracts/invoice';
import { DocumentPage } from '@trivium/contracts/ocr-certification';
import type { Artifact, Item } from '@trivium/contracts/session';
import { z } from 'zod';

/** What is known of one picture or file. */
export interface DocumentFacts {
  /** What to call it: its file name, or which picture it is. */
  readonly label: string;
  readonly fileId: string | null;
  /** Read in this turn, or in one before. */
  readonly origin: 'turn' | 'earlier';
  readonly invoice: Invoice | null;
  readonly pages: readonly DocumentPage[];
}

const Pages = z.array(DocumentPage);
/** A stored artifact stays small; the file itself is still there to be read again. */
const MAX_STORED_CHARACTERS = 100_000;

/** To be stored with the turn, so that later turns can answer from it. */
export function artifactsOf(facts: DocumentFacts): Artifact[] {
  const { fileId, invoice, pages } = facts;
  return [
    ...(invoice ? [{ kind: 'invoice' as const, fileId, data: invoice }] : []),
    ...(pages.some(({ lines }) => lines.length > 0)
      ? [{ kind: 'document-text' as const, fileId, data: bounded(pages) }]
      : []),
  ];
}

/** The facts that an item of an earlier turn carries; what cannot be understood any more is left out. */
export function factsOf(item: Pick<Item, 'artifacts' | 'parts'>): DocumentFacts[] {
  const byFile = new Map<string | null, { invoice: Invoice | null; pages: DocumentPage[] }>();
  for (const { kind, fileId, data } of item.artifacts ?? []) {
    const facts = byFile.get(fileId) ?? { invoice: null, pages: [] };
    if (kind === 'invoice') facts.invoice = Invoice.safeParse(data).data ?? null;
    else facts.pages = Pages.safeParse(data).data ?? [];
    byFile.set(fileId, facts);
  }
  return Array.from(byFile, ([fileId, facts]) => ({
    ...facts,
    label: labelOf(item, fileId),
    fileId,
    origin: 'earlier' as const,
  }));
}

function labelOf({ parts }: Pick<Item, 'parts'>, fileId: string | null): string {
  const part = parts.find((candidate) => 'fileId' in candidate && candidate.fileId === fileId);
  return part?.type === 'file' ? part.filename : (fileId ?? 'picture');
}

function bounded(pages: readonly DocumentPage[]): DocumentPage[] {
  let left = MAX_STORED_CHARACTERS;
  return pages.map((page) => ({
    ...page,
    lines: page.lines.filter(({ text }) => {
      left -= text.length;
      return left >= 0;
    }),
  }));
}
