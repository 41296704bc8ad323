import {
  type DocumentField,
  INVOICE_DETAILS,
  INVOICE_FIELDS,
  INVOICE_ITEM_CELLS,
  type Invoice,
  type InvoiceDetailName,
  type InvoiceFieldName,
} from '@trivium/contracts/invoice';
import type { Intent } from './field-intents.js';
import { escapeMarkdown, table } from './markdown.js';
import type { Phrases } from './phrases.js';

const AMOUNTS: ReadonlySet<string> = new Set([
  'netAmount',
  'taxAmount',
  'total',
  'discount',
  'shipping',
  'gratuity',
  'amountPaid',
  'amountDue',
]);
/** The order in which people look for them. */
const ROWS: readonly InvoiceFieldName[] = [
  'total',
  'totalInWords',
  'netAmount',
  'taxAmount',
  'code',
  'number',
  'date',
  'checkCode',
  'buyerName',
  'buyerTaxId',
  'sellerName',
  'sellerTaxId',
];
/** Shown even when they were not read; newer invoices have neither code nor check code. */
const EXPECTED: ReadonlySet<InvoiceFieldName> = new Set(
  INVOICE_FIELDS.filter((name) => name !== 'code' && name !== 'checkCode'),
);
/** Tickets, coupons and papers in English have few of the fields: of those only the total is expected. */
const WITH_ALL_FIELDS = /^(vat|digital)/;
const DOUBTFUL_BELOW = 0.85;
const MARKS = { passed: '✓', failed: '✗', 'not-applicable': '–' } as const;

/** What was asked, answered with the values as read: a line for each. */
export function answerIntents(invoice: Invoice, intents: readonly Intent[], phrases: Phrases): string {
  const lines: string[] = [];
  for (const intent of intents) {
    if (intent === 'items') lines.push(renderItems(invoice, phrases));
    else if (intent === 'checks') lines.push(renderVerdict(invoice, phrases));
    else
      lines.push(`**${phrases.fields[intent]}${phrases.separator}${fieldText(invoice, intent, phrases)}**`);
  }
  return lines.filter((line) => line !== '').join('\n\n');
}

/** The whole invoice: fields, items, checks and verdict. */
export function renderInvoice(invoice: Invoice, phrases: Phrases): string {
  const type = escapeMarkdown(invoice.documentType.value) || phrases.unknownDocument;
  const { kind } = invoice.documentType;
  const expected = WITH_ALL_FIELDS.test(kind) && kind !== 'vat-roll' ? EXPECTED : new Set(['total']);
  const details: readonly InvoiceDetailName[] = INVOICE_DETAILS[kind];
  const rows = [
    ...ROWS.filter((name) => invoice.fields[name] || expected.has(name)).map((name) => [
      phrases.fields[name],
      fieldText(invoice, name, phrases),
    ]),
    ...details.flatMap((name) => {
      const field = invoice.details[name];
      return field ? [[phrases.details[name], valueText(invoice, name, field, phrases)]] : [];
    }),
  ];
  return [
    `### ${type}`,
    table([phrases.field, phrases.value], rows),
    renderItems(invoice, phrases),
    renderChecks(invoice, phrases),
    renderVerdict(invoice, phrases),
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function renderItems({ items }: Invoice, phrases: Phrases): string {
  const cells = INVOICE_ITEM_CELLS.filter((cell) => items.some((item) => item[cell]));
  if (cells.length === 0) return '';
  const rows = items.map((item) => cells.map((cell) => escapeMarkdown(item[cell]?.value ?? '')));
  return `**${phrases.items}**\n\n${table(
    cells.map((cell) => phrases.cells[cell]),
    rows,
  )}`;
}

function renderChecks({ checks }: Invoice, phrases: Phrases): string {
  if (checks.length === 0) return '';
  const lines = checks.map(({ id, status, expected, actual }) => {
    const why =
      status === 'failed' && expected !== undefined && actual !== undefined
        ? `${phrases.separator}${phrases.expected(escapeMarkdown(expected), escapeMarkdown(actual))}`
        : '';
    return `- ${MARKS[status]} ${phrases.checks[id]}${why}`;
  });
  return `**${phrases.checksTitle}**\n\n${lines.join('\n')}`;
}

function renderVerdict({ verdict, reasons }: Invoice, phrases: Phrases): string {
  const line = `**${phrases.verdict}${phrases.separator}${phrases.verdicts[verdict]}**`;
  if (reasons.length === 0) return line;
  const words = reasons.map((reason) => reasonText(reason, phrases));
  return `${line}${phrases.comma}${phrases.reasons}${phrases.separator}${words.join(phrases.semicolon)}`;
}

function reasonText(reason: string, phrases: Phrases): string {
  const [kind, name = ''] = reason.split(':');
  const field = isField(name)
    ? phrases.fields[name]
    : isDetail(name, phrases)
      ? phrases.details[name]
      : escapeMarkdown(name);
  if (kind === 'missing') return phrases.missingField(field);
  if (kind === 'low-confidence') return phrases.lowConfidence(field);
  if (kind === 'unclear') return phrases.unclearField(field);
  return Object.hasOwn(phrases.checks, reason)
    ? `✗ ${phrases.checks[reason as keyof Phrases['checks']]}`
    : escapeMarkdown(reason);
}

function fieldText(invoice: Invoice, name: InvoiceFieldName, phrases: Phrases): string {
  const field = invoice.fields[name];
  return field ? valueText(invoice, name, field, phrases) : phrases.missing;
}

function valueText(
  invoice: Invoice,
  name: InvoiceFieldName | InvoiceDetailName,
  field: DocumentField,
  phrases: Phrases,
): string {
  const doubt =
    field.confidence < DOUBTFUL_BELOW ? phrases.confidence(Math.round(field.confidence * 100)) : '';
  return `${escapeMarkdown(valueOf(invoice, name, field))}${doubt}`;
}

function valueOf(
  { documentType: { kind }, details: { currency } }: Invoice,
  name: InvoiceFieldName | InvoiceDetailName,
  { value, normalized }: DocumentField,
): string {
  if (normalized === null || name === 'totalInWords') return value;
  if (!AMOUNTS.has(name)) return normalized;
  if (kind !== 'commercial' && kind !== 'receipt') return `¥${normalized}`;
  // @NOTE a sign that several currencies share is shown as it is printed, never as one of them
  if (currency == null) return normalized;
  return currency.normalized === null ? currency.value + normalized : `${normalized} ${currency.normalized}`;
}

function isDetail(name: string, phrases: Phrases): name is InvoiceDetailName {
  return Object.hasOwn(phrases.details, name);
}

function isField(name: string): name is InvoiceFieldName {
  return (INVOICE_FIELDS as readonly string[]).includes(name);
}
