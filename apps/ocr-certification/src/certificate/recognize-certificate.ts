import type { Certificate } from '@trivium/contracts/certificates';
import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { rowsOf } from '../layout/row.js';
import { straighten } from '../layout/straighten.js';
import { recognizeKind } from './kind.js';
import { readFields } from './read-fields.js';

export type RecognizedCertificate = Pick<Certificate, 'kind' | 'page' | 'fields'>;

/** The certificate on the page that shows one most clearly. `day` is today, `YYYY-MM-DD`. */
export function recognizeCertificate(pages: readonly DocumentPage[], day: string): RecognizedCertificate {
  const [best] = pages
    .map(({ page, lines }) => {
      const rows = rowsOf(straighten(lines.filter((line) => !isAcross(line, lines))));
      return { page, rows, kind: recognizeKind(rows) };
    })
    .sort((a, b) => b.kind.confidence - a.kind.confidence);
  if (best === undefined) return { kind: { value: null, confidence: 0 }, page: 1, fields: {} };
  const { page, rows, kind } = best;
  const { value } = kind;
  return { kind, page, fields: value === null ? {} : readFields(value, rows, page, day) };
}

/** A line may run this far from the page's direction; what runs otherwise stands on the arc of a seal. */
const MOST_DEGREES = 20;

function isAcross(line: TextLine, lines: readonly TextLine[]): boolean {
  if (line.text.length < 2) return false;
  const turn = Math.abs(degreesOf(line) - medianDirection(lines)) % 360;
  return Math.min(turn, 360 - turn) > MOST_DEGREES;
}

function medianDirection(lines: readonly TextLine[]): number {
  const long = lines.filter(({ text }) => text.length > 3);
  let [x, y] = [0, 0];
  for (const line of long.length === 0 ? lines : long) {
    const [along, down] = directionOf(line);
    x += along;
    y += down;
  }
  return (Math.atan2(y, x) * 180) / Math.PI;
}

const degreesOf = (line: TextLine): number => {
  const [x, y] = directionOf(line);
  return (Math.atan2(y, x) * 180) / Math.PI;
};

function directionOf({ quadrilateral: [topLeft, topRight] }: TextLine): readonly [number, number] {
  return [topRight[0] - topLeft[0], topRight[1] - topLeft[1]];
}
