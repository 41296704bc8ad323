import type {
  DocumentField,
  FieldAlternative,
  InvoiceFieldName,
  InvoiceFields,
} from '@trivium/contracts/invoice';
import { failed, type Finding, passed } from './finding.js';
import type { InvoiceCode } from './invoice-code.js';

/** Of two readings of a text the one from the earlier source is taken. */
const PRECEDENCE: readonly DocumentField['source'][] = ['ofd', 'text-layer', 'qr', 'ocr'];
const AMOUNTS: ReadonlySet<InvoiceFieldName> = new Set(['netAmount', 'taxAmount', 'total']);

/** What a code states is what was encoded; only a checksum that does not fit leaves a doubt. */
const INTACT = 1;
const DOUBTFUL = 0.9;
/** Of an amount whose readings differ: nobody should build on it. */
const DISPUTED = 0.5;

export interface Settled {
  readonly fields: InvoiceFields;
  /** Whether the sources agree; goes into the verdict. Null: there was one source. */
  readonly agreement: Finding | null;
  /** Whether the code itself is intact: advice alone, since issuers are known that compute it otherwise. */
  readonly checksum: Finding | null;
}

interface Dispute {
  readonly name: InvoiceFieldName;
  readonly stated: string;
  readonly read: string;
  readonly confidence: number;
  /** Both readings are exact, or the field is an amount: the document contradicts itself. */
  readonly grave: boolean;
}

/**
 * Holds what the page says against what its QR code states, field by field. A text is taken from the
 * source that goes first; an amount stays as it was read and says that it is disputed. What only the code
 * states is taken from it. The losing reading stays with the field.
 */
export function settleSources(fields: InvoiceFields, code: InvoiceCode | null, page: number): Settled {
  if (code === null) return { fields, agreement: null, checksum: null };
  const intact = code.checksum === null || code.checksum.printed === code.checksum.computed;
  const settled = { ...fields };
  const disputes: Dispute[] = [];
  let compared = 0;
  for (const [name, stated] of statedBy(code)) {
    const witness: FieldAlternative = {
      value: stated,
      normalized: stated,
      confidence: intact ? INTACT : DOUBTFUL,
      source: 'qr',
      page,
      quadrilateral: code.quadrilateral,
    };
    const read = fields[name];
    if (read === null) settled[name] = witness;
    else if (read.normalized === stated) {
      compared += 1;
      settled[name] = { ...read, confidence: Math.max(read.confidence, witness.confidence) };
    } else {
      compared += 1;
      settled[name] = settleDispute(name, read, witness);
      disputes.push({
        name,
        stated,
        read: read.normalized ?? read.value,
        confidence: Math.min(read.confidence, witness.confidence),
        grave: intact && (AMOUNTS.has(name) || read.source !== 'ocr'),
      });
    }
  }
  return { fields: settled, agreement: judgeAgreement(disputes, compared), checksum: judgeChecksum(code) };
}

function statedBy({ code, number, date, checkCode, amount }: InvoiceCode): [InvoiceFieldName, string][] {
  const texts: [InvoiceFieldName, string | null][] = [
    ['code', code],
    ['number', number],
    ['date', date],
    ['checkCode', checkCode],
    ...(amount === null ? [] : [[amount.field, amount.value] as [InvoiceFieldName, string]]),
  ];
  return texts.flatMap(([name, value]): [InvoiceFieldName, string][] =>
    value === null ? [] : [[name, value]],
  );
}

function settleDispute(
  name: InvoiceFieldName,
  read: DocumentField,
  witness: FieldAlternative,
): DocumentField {
  if (AMOUNTS.has(name)) {
    return { ...read, confidence: Math.min(read.confidence, DISPUTED), alternatives: [witness] };
  }
  const rank = ({ source }: FieldAlternative): number => PRECEDENCE.indexOf(source);
  const { alternatives: _none, ...reading } = read;
  return rank(read) <= rank(witness)
    ? { ...read, alternatives: [witness] }
    : { ...witness, alternatives: [reading] };
}

function judgeAgreement(disputes: readonly Dispute[], compared: number): Finding | null {
  const id = 'qr-agrees';
  const worst = disputes.toSorted(
    (a, b) => Number(b.grave) - Number(a.grave) || b.confidence - a.confidence,
  )[0];
  if (worst === undefined) {
    return compared === 0 ? null : passed(id, `The QR code agrees with the page on ${compared} values.`);
  }
  const names = disputes.map(({ name }) => name).join(', ');
  return failed(id, `The QR code and the page differ on ${names}.`, {
    expected: worst.stated,
    actual: worst.read,
    confidence: worst.confidence,
    grave: worst.grave,
  });
}

function judgeChecksum({ checksum }: InvoiceCode): Finding | null {
  if (checksum === null) return null;
  const { printed, computed } = checksum;
  return printed === computed
    ? passed('qr-checksum', 'The checksum of the QR code fits what it states.')
    : failed('qr-checksum', 'The checksum of the QR code does not fit what it states.', {
        expected: computed,
        actual: printed,
        confidence: 1,
        grave: false,
      });
}
