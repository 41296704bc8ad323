import {
  INVOICE_DETAILS,
  INVOICE_FIELDS,
  INVOICE_ITEM_CELLS,
  type InvoiceDetailName,
  type InvoiceFieldName,
  type InvoiceItemCell,
  type InvoiceKind,
} from '@trivium/contracts/invoice';
import type { Sheet } from '../drawing/sheet.js';

type Values<Name extends string> = Readonly<Partial<Record<Name, string | null>>>;

/** What a picture says and what a careful reader must conclude from it. Null: not on the page. */
export interface DocumentTruth {
  readonly kind: InvoiceKind;
  /** The title by which the kind is named; null where any title will do. */
  readonly documentType: string | null;
  /** Normalized as the service answers them; words as an amount. Every common field is there. */
  readonly fields: Readonly<Record<InvoiceFieldName, string | null>>;
  /** Every detail of the kind is there. */
  readonly details: Values<InvoiceDetailName>;
  readonly items: readonly Readonly<Record<InvoiceItemCell, string | null>>[];
  readonly verdict: 'PASS' | 'REVIEW' | 'REJECT';
  /** Checks that must fail. */
  readonly failedChecks: readonly string[];
  /** Values as they stand on the page, for measuring the reading alone. */
  readonly printed: readonly string[];
}

/** A document in logical units, ready to be drawn at any resolution. */
export interface ComposedDocument {
  readonly width: number;
  readonly height: number;
  readonly paper: string;
  readonly truth: DocumentTruth;
  /** Where a stamp may fall over print: x, y. */
  readonly stampAt: readonly [number, number];
  draw(sheet: Sheet): void;
}

export interface Statement {
  readonly kind: InvoiceKind;
  readonly documentType: string | null;
  readonly fields: Values<InvoiceFieldName>;
  readonly details?: Values<InvoiceDetailName>;
  readonly items?: readonly Values<InvoiceItemCell>[];
  /** The checks that an untrue statement makes fail; none: the document is honest. */
  readonly failedChecks?: readonly string[];
  readonly printed: readonly (string | null)[];
}

/** Fills in null for everything that the document does not say. */
export function truthOfStatement(statement: Statement): DocumentTruth {
  const { kind, documentType, fields, details = {}, items = [], failedChecks = [], printed } = statement;
  return {
    kind,
    documentType,
    fields: complete(INVOICE_FIELDS, fields),
    details: complete<InvoiceDetailName>(INVOICE_DETAILS[kind], details),
    items: items.map((item) => complete(INVOICE_ITEM_CELLS, item)),
    verdict: failedChecks.length === 0 ? 'PASS' : 'REJECT',
    failedChecks: [...failedChecks].sort(),
    printed: printed.filter((value): value is string => value !== null && value !== ''),
  };
}

function complete<Name extends string>(
  names: readonly Name[],
  values: Values<Name>,
): Record<Name, string | null> {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null])) as Record<Name, string | null>;
}
