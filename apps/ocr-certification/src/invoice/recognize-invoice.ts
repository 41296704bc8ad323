import type { Invoice } from '@trivium/contracts/invoice';
import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import { type Row, rowsOf } from '../layout/row.js';
import { straighten } from '../layout/straighten.js';
import { checkInvoice } from './checks.js';
import { findItemTable, type ItemTable } from './columns.js';
import { recognizeCommercial } from '../commercial/recognize-commercial.js';
import { recognizeSlip } from '../slip/recognize-slip.js';
import { recognizeDocumentType } from './document-type.js';
import { invoiceCodeAmong } from './invoice-code.js';
import { readIdentity } from './identity-fields.js';
import { readItems } from './items.js';
import { isDigital } from './kind-rules.js';
import { completeInvoice, type ReadInvoice } from './read-invoice.js';
import { labelRow } from './labels.js';
import { readParties, type TablePlace } from './parties.js';
import { settleSources } from './settle-sources.js';
import { readFrom } from './source.js';
import { readTotals } from './totals.js';
import { judge } from './verdict.js';

/** The invoice on the first page that looks like one, or null. `today` is `YYYY-MM-DD`. */
export function recognizeInvoice(pages: readonly DocumentPage[], today: string): Invoice | null {
  for (const page of pages.filter(mayBeInvoice)) {
    const invoice = recognizePage(page, today);
    if (invoice !== null) return invoice;
  }
  return null;
}

/** Words of the forms; a page with fewer of them is not worth a closer look. */
const HINTS =
  /发票|定额|机打|税务局|收款|税额|税率|纳税人|信用代码|价税|合计|开票|小写|校验码|上车|下车|里程|限乘|中国铁路|invoice|receipt|sub-?total|total|amount|balance|\bqty|tax|vat/gi;
const FEWEST_HINTS = 2;

function mayBeInvoice({ lines }: DocumentPage): boolean {
  const text = lines.map((line) => line.text).join('\n');
  return new Set(text.match(HINTS)?.map((hint) => hint.toLowerCase())).size >= FEWEST_HINTS;
}

/** Slips first: their titles are the most telling; the English forms last, as the least certain. */
function recognizePage(document: DocumentPage, today: string): Invoice | null {
  const { lines, page } = document;
  const rows = rowsOf(straighten(lines));
  const read = recognizeSlip(rows, page) ?? recognizeVat(rows, page) ?? recognizeCommercial(rows, page);
  return read === null ? null : assess(read, document, today);
}

function recognizeVat(rows: readonly Row[], page: number): ReadInvoice | null {
  const labelled = rows.map(labelRow);
  const table = findItemTable(rows);
  const documentType = recognizeDocumentType(labelled, table !== null);
  if (documentType === null) return null;
  const digital = isDigital(documentType.kind);
  const totals = readTotals(labelled, table, page);
  const place = placeOfTable(rows, table, totals.itemsEnd);
  const identity = readIdentity(
    labelled.filter(({ row }) => row.middle < place.top),
    page,
    digital,
  );
  const parties = readParties(labelled, place, page);
  const items = table === null ? [] : readItems(rows, table, totals.itemsEnd, page);
  return completeInvoice(documentType, {
    fields: {
      code: identity.code,
      number: identity.number,
      date: identity.date,
      checkCode: identity.checkCode,
      buyerName: parties.buyer.name,
      buyerTaxId: parties.buyer.taxId,
      sellerName: parties.seller.name,
      sellerTaxId: parties.seller.taxId,
      netAmount: totals.netAmount,
      taxAmount: totals.taxAmount,
      totalInWords: totals.totalInWords,
      total: totals.total,
    },
    items,
    contradictions: identity.contradictions,
  });
}

/** Names the source of every value, holds the values against a code on the page, then checks and judges. */
function assess(
  read: ReadInvoice,
  { page, source = 'ocr', codes = [] }: DocumentPage,
  today: string,
): Invoice {
  const { documentType } = read;
  const settled = settleSources(readFrom(source, read.fields), invoiceCodeAmong(codes), page);
  const { fields, agreement, checksum } = settled;
  const details = readFrom(source, read.details);
  const items = read.items.map((item) => readFrom(source, item));
  const checked = { ...read, kind: documentType.kind, fields, details, items };
  const findings = [...checkInvoice(checked, today), ...(agreement === null ? [] : [agreement])];
  const advice = checksum === null ? [] : [checksum];
  return {
    documentType,
    fields,
    details,
    items,
    checks: [...findings, ...advice].map(({ check }) => check),
    ...judge(checked, findings),
  };
}

/** Without a table head the page's own middle divides what stands above from what stands below. */
function placeOfTable(rows: readonly Row[], table: ItemTable | null, itemsEnd: number): TablePlace {
  if (table !== null) {
    const { name, taxAmount } = table.centres;
    return {
      top: table.head.middle,
      bottom: Math.min(itemsEnd, Number.MAX_VALUE),
      middle: (name + taxAmount) / 2,
    };
  }
  const top = Math.min(itemsEnd, ...rows.slice(Math.floor(rows.length / 2)).map(({ middle }) => middle));
  const lefts = rows.flatMap(({ spans }) => spans.map(({ box }) => box.left));
  const rights = rows.flatMap(({ spans }) => spans.map(({ box }) => box.right));
  return { top, bottom: top, middle: (Math.min(...lefts) + Math.max(...rights)) / 2 };
}
