import {
  type DocumentField,
  INVOICE_DETAILS,
  INVOICE_FIELDS,
  type Invoice,
  type InvoiceDetailName,
  type InvoiceFieldName,
  type InvoiceItemCell,
} from '@trivium/contracts/invoice';
import type { Phrases } from '../rendering/phrases.js';
import type { DocumentFacts } from './document-facts.js';
import { estimateTokens } from './token-estimate.js';

const ITEM_CELLS: readonly InvoiceItemCell[] = ['name', 'quantity', 'unitPrice', 'amount', 'taxRate'];
const NOTHING = '-';
const MAX_NAME = 100;

/**
 * A document in the fewest words: a line for each field under the label that the question's language has for
 * it, or the text as it stands. Cut to `budget` tokens by {@link estimateTokens}.
 */
export function describeCompactly(facts: DocumentFacts, phrases: Phrases, budget: number): string {
  const { invoice, pages, label } = facts;
  const lines = invoice
    ? invoiceLines(invoice, phrases)
    : pages.flatMap((page) => page.lines.map(({ text }) => text));
  const name = plain(label).replaceAll('"', "'").slice(0, MAX_NAME).toWellFormed();
  const head = `<document name="${name}">`;
  const end = '</document>';
  return [head, ...fit(lines.map(plain), budget - estimateTokens(head + end)), end].join('\n');
}

function invoiceLines(invoice: Invoice, phrases: Phrases): string[] {
  return [
    `type: ${invoice.documentType.value}`,
    ...INVOICE_FIELDS.map(
      (name) => `${phrases.fields[name]}: ${valueOf(name, invoice.fields[name]) ?? phrases.missing}`,
    ),
    ...detailLines(invoice, phrases),
    ...(invoice.items.length > 0 ? ['items:'] : []),
    ...invoice.items.map((item) => `- ${ITEM_CELLS.map((cell) => item[cell]?.value ?? NOTHING).join('; ')}`),
    ...invoice.checks
      .filter(({ status }) => status === 'failed')
      .map(({ message }) => `check failed: ${message}`),
    `verdict: ${invoice.verdict}`,
  ];
}

/** What only its kind says, where it was read. */
function detailLines({ documentType: { kind }, details }: Invoice, phrases: Phrases): string[] {
  const names: readonly InvoiceDetailName[] = INVOICE_DETAILS[kind];
  return names.flatMap((name) => {
    const field = details[name];
    return field ? [`${phrases.details[name]}: ${field.normalized ?? field.value}`] : [];
  });
}

/** As it was normalized; an amount in words stays in words. */
function valueOf(name: InvoiceFieldName, field: DocumentField | null): string | undefined {
  if (field === null) return undefined;
  return name === 'totalInWords' ? field.value : (field.normalized ?? field.value);
}

function fit(lines: readonly string[], budget: number): string[] {
  const kept: string[] = [];
  let left = budget;
  for (const line of lines) {
    left -= estimateTokens(`${line}\n`);
    if (left < 0) return [...kept, '…'];
    kept.push(line);
  }
  return kept;
}

/** One line, with no angle bracket of its own: it cannot end the document or begin another. */
function plain(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('<', '＜')
    .replaceAll('>', '＞');
}
