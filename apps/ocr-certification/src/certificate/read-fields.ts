import type {
  CertificateFieldName,
  CertificateFields,
  CertificateKind,
} from '@trivium/contracts/certificates';
import type { DocumentField } from '@trivium/contracts/invoice';
import { FIELDS_OF } from '@trivium/evidence/rules';
import { readMachineReadableZone } from '@trivium/evidence/value';
import { surround } from '../layout/geometry.js';
import type { Row } from '../layout/row.js';
import { ANCHOR_RULES, goesOn } from './anchor-rules.js';
import { type Anchor, type AnchoredRow, anchorRow } from './anchors.js';
import { type Cell, cellAfter, cellBelow, continuationOf, freeCells } from './cells.js';
import { normalizeField } from './normalize-field.js';
import { daysIn, firstDayIn } from './printed-day.js';
import { type ZoneLine, zoneLines } from './zone-lines.js';

type Found = Map<CertificateFieldName, DocumentField>;

/** The fields of the kind, each looked for at its label; null where nothing fitting was read. */
export function readFields(
  kind: CertificateKind,
  rows: readonly Row[],
  page: number,
  day: string,
): CertificateFields {
  const anchored = rows.map((row) => anchorRow(row, ANCHOR_RULES[kind]));
  const found: Found = new Map();
  for (const row of anchored) {
    for (const anchor of row.anchors) {
      if (anchor.name === 'other' || found.has(anchor.name)) continue;
      const field = fieldAt(kind, anchor.name, anchored, row, anchor, page);
      if (field !== null) found.set(anchor.name, field);
    }
  }
  takePeriodStart(kind, found);
  if (kind === 'business-license') takeUnlabelledDate(anchored, found, page);
  if (kind === 'passport') takeZone(rows, found, page, day);
  const { required, optional } = FIELDS_OF[kind];
  return Object.fromEntries([...required, ...optional].map((name) => [name, found.get(name) ?? null]));
}

function fieldAt(
  kind: CertificateKind,
  name: CertificateFieldName,
  rows: readonly AnchoredRow[],
  row: AnchoredRow,
  anchor: Anchor,
  page: number,
): DocumentField | null {
  const after = kind === 'passport' ? null : cellAfter(row, anchor);
  for (const cell of [after, cellBelow(rows, row, anchor)]) {
    if (cell === null) continue;
    const lines = goesOn(kind, name) ? [cell, ...continuationOf(rows, cell)] : [cell];
    const field = fieldOf(name, lines, page);
    if (field !== null) return field;
  }
  return null;
}

function fieldOf(name: CertificateFieldName, lines: readonly Cell[], page: number): DocumentField | null {
  const [only] = lines;
  const value = lines.map(({ reading }) => reading.text).join('');
  const normalized = normalizeField(name, value);
  if (only === undefined || normalized === null) return null;
  const quadrilaterals = lines.map(({ reading }) => reading.quadrilateral);
  return {
    value,
    normalized,
    confidence: Math.min(...lines.map(({ reading }) => reading.confidence)),
    quadrilateral: lines.length === 1 ? only.reading.quadrilateral : surround(quadrilaterals),
    page,
    source: 'ocr',
  };
}

/** A period that is printed in one place begins with the day of issue. */
function takePeriodStart(kind: CertificateKind, found: Found): void {
  const period = found.get('expiryDate');
  if (kind !== 'identity-card-back' || period === undefined || found.has('issueDate')) return;
  const start = firstDayIn(period.value);
  if (start !== null && start !== period.normalized) found.set('issueDate', { ...period, normalized: start });
}

/** The day on which a licence was issued stands below the seal, without a label. */
function takeUnlabelledDate(rows: readonly AnchoredRow[], found: Found, page: number): void {
  const dated = rows
    .flatMap(freeCells)
    .filter(
      ({ reading }) =>
        daysIn(reading.folded).some((date) => date.length === 10) && reading.folded.length < 16,
    );
  const lowest = dated.at(-1);
  const field = lowest === undefined ? null : fieldOf('issueDate', [lowest], page);
  if (field !== null) found.set('issueDate', field);
}

/** The zone's own lines, and from it what the page's labels did not give. */
function takeZone(rows: readonly Row[], found: Found, page: number, day: string): void {
  const { first, second } = zoneLines(rows);
  const line1 = lineField(first, page);
  const line2 = lineField(second, page);
  const zone = readMachineReadableZone(line1?.normalized ?? '', line2?.normalized ?? '', day);
  if (zone === null || line2 === null) return;
  found.set('mrzLine2', line2);
  if (line1 !== null && zone.names !== null) found.set('mrzLine1', line1);
  const told: readonly (readonly [CertificateFieldName, string | null | undefined, DocumentField | null])[] =
    [
      ['nationality', zone.nationality, line2],
      ['passportNumber', zone.documentNumber, line2],
      ['birthDate', zone.birthDate, line2],
      ['expiryDate', zone.expiryDate, line2],
      ['sex', zone.sex, line2],
      ['surname', zone.names?.surname, line1],
      ['givenNames', zone.names?.givenNames, line1],
    ];
  for (const [name, value, line] of told) {
    if (line === null || value == null || value === '' || found.has(name)) continue;
    found.set(name, { ...line, value, normalized: value });
  }
}

function lineField(line: ZoneLine | null, page: number): DocumentField | null {
  if (line === null) return null;
  const { text: value, confidence, quadrilateral } = line.reading;
  return { value, normalized: line.text, confidence, quadrilateral, page, source: 'ocr' };
}
