import type { DocumentField, Invoice } from '@trivium/contracts/invoice';
import type { Reading, Row } from '../layout/row.js';
import { fieldOf, normalizeName } from '../invoice/field.js';
import { completeInvoice, type ReadInvoice } from '../invoice/read-invoice.js';
import { DATE_PATTERN, parseDate } from '../value/date.js';
import { AMOUNT, clockOf, type SlipFields } from './slip-fields.js';
import { findPattern, findValue } from './find-value.js';

const TRAIN_NUMBER = /(?<![A-Z0-9])[GDCZTKYLS]\s?\d{1,4}(?![\dA-Z*])/;
const SERIAL = /(?<![A-Z0-9])(?:[A-Z]\d{2}[A-Z]\d{6}|[A-Z]\d{6})(?![\dA-Z])/;
const SEAT = /\d{1,2}车(?:\d{1,3}[A-F]?号?(?:[上中下]铺)?|无座)/;
const SEAT_CLASS = /商务座|特等座|[一二]等(?:座|卧)|新空调[软硬][座卧]|[软硬][座卧]|动卧|无座/;
const STATION = /\p{Script=Han}{2,7}(?=\s?站)/u;
const DEPARTS = /(?:[01]?\d|2[0-3])\s*:\s*[0-5]\d(?=\s?开)/;
/** An identity card or passport, its middle in stars. */
const PASSENGER_ID = /\d{6,10}\*{3,4}[\dX]{3,4}|[A-Z]\d{2,4}\*{2,4}\d{2,3}/;

/** The paper ticket and the electronic one say the same of the journey. */
export function readTrain(documentType: Invoice['documentType'], slip: SlipFields): ReadInvoice {
  const electronic = documentType.kind === 'train-electronic';
  const { rows, page } = slip;
  const plain = (reading: Reading | null): DocumentField | null =>
    reading === null ? null : fieldOf(reading, page, reading.folded.replace(/\s/g, ''));
  const journey = rows.filter(({ text }) => !/开票日期/.test(text.replaceAll(' ', '')));
  const date = findPattern(journey, DATE_PATTERN);
  const departs = findPattern(rows, DEPARTS);
  const [departureStation, arrivalStation] = readStations(rows, page);
  const passenger = readPassenger(rows, page);
  return completeInvoice(documentType, {
    fields: electronic
      ? {
          number: slip.number(),
          date: slip.date('开票日期'),
          buyerName: slip.name(['购买方名称'], /购/),
          buyerTaxId: slip.taxId(rows, '统一社会信用代码', '纳税人识别号'),
          total: slip.amount('票价'),
        }
      : {
          number: plain(findPattern(rows, SERIAL)),
          total: slip.money(findPattern(rows, /[¥Y]\s*\d[\d,]*(?:\s?\.\s?\d{1,2})?(?!\d)/) ?? readFare(rows)),
        },
    details: {
      trainNumber: plain(
        findPattern(
          rows.filter(({ text }) => !/检票/.test(text)),
          TRAIN_NUMBER,
        ),
      ),
      departureStation,
      arrivalStation,
      departureDate: date === null ? null : fieldOf(date, page, parseDate(date.folded)),
      departureTime: departs === null ? null : fieldOf(departs, page, clockOf(departs.folded)),
      seat: plain(findPattern(rows, SEAT)),
      seatClass: plain(findPattern(rows, SEAT_CLASS)),
      ...passenger,
      ticketNumber: plain(findValue(rows, { labels: ['电子客票号'], value: /[0-9A-Z]{15,24}/ })),
    },
  });
}

/** Figures before 元, where the sign was not read. */
function readFare(rows: readonly Row[]): Reading | null {
  return findPattern(rows, new RegExp(`${AMOUNT.source}(?=\\s?元)`));
}

/** The first two names before 站 that stand level, left to right. */
function readStations(rows: readonly Row[], page: number): [DocumentField | null, DocumentField | null] {
  const found = rows.flatMap((row) =>
    [...row.text.matchAll(new RegExp(STATION.source, 'gu'))].flatMap((match) => {
      const reading = row.read(match.index, match.index + match[0].length);
      return reading === null ? [] : [{ reading, middle: row.middle, height: row.height }];
    }),
  );
  const [first] = found;
  const level = found.filter(
    ({ middle }) => first !== undefined && Math.abs(middle - first.middle) < 1.2 * first.height,
  );
  const [from, to] = level.map(({ reading }) => reading).toSorted((a, b) => a.left - b.left);
  const field = (reading: Reading | undefined): DocumentField | null =>
    reading === undefined ? null : fieldOf(reading, page, normalizeName(reading.text));
  return [field(from), field(to)];
}

/** The starred id and, to its right in the same row, the name. */
function readPassenger(rows: readonly Row[], page: number) {
  for (const row of rows) {
    const match = PASSENGER_ID.exec(row.text);
    if (match === null) continue;
    const end = match.index + match[0].length;
    const id = row.read(match.index, end);
    const after = /^\s*([\p{Script=Han}·]{2,6})/u.exec(row.text.slice(end));
    const start = after === null ? -1 : end + after[0].length - (after[1]?.length ?? 0);
    const name = start === -1 ? null : row.read(start, start + (after?.[1]?.length ?? 0));
    return {
      passengerId: id === null ? null : fieldOf(id, page, id.folded.replace(/\s/g, '')),
      passengerName: name === null ? null : fieldOf(name, page, normalizeName(name.text)),
    };
  }
  return {};
}
