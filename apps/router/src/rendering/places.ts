import type { Quadrilateral } from '@trivium/contracts/content';
import type { DocumentField, Invoice } from '@trivium/contracts/invoice';
import { INVOICE_FIELDS } from '@trivium/contracts/invoice';
import { intentsOf } from './field-intents.js';
import { escapeMarkdown } from './markdown.js';
import type { Phrases } from './phrases.js';

/** Something of a document, and where it stands. */
export interface Place {
  readonly label: string;
  readonly value: string;
  readonly page: number;
  readonly quadrilateral: Quadrilateral;
}

/** More would hide the page under its marks. */
const MAX_PLACES = 40;

/** Whether the question wants to see where something stands, rather than what it says. */
export function asksForPlaces(question: string): boolean {
  return /标(出|注|记|明|示)|圈(出|起)|框(出|选)|画(出|圈)|在(图|票|单据|发票|图片|照片)[上里中]?的?(哪|什么(地方|位置))|(哪个|什么)(位置|地方)|show me where|\bwhere (is|are|does|do|on|in)\b.*\b(it|invoice|picture|photo|image|page|document|stand|written|printed)\b|\b(highlight|annotate|outline|circle|point out)\b|\bmark (it|them|the|where)\b/iu.test(
    question,
  );
}

/** What the question asks for, or every field where it names none, on the first page that has any of it. */
export function placesOf(invoice: Invoice, question: string, phrases: Phrases): Place[] {
  const asked = intentsOf(question).filter((intent) => intent !== 'checks');
  const found = (asked.length > 0 ? asked : INVOICE_FIELDS).flatMap((intent) =>
    intent === 'items'
      ? invoice.items.flatMap((item, index) => rowPlace(item, `${phrases.items} ${index + 1}`))
      : fieldPlace(invoice.fields[intent], phrases.fields[intent]),
  );
  const page = Math.min(...found.map((place) => place.page));
  return found.filter((place) => place.page === page).slice(0, MAX_PLACES);
}

/** The legend of the marks: a numbered line for each. */
export function renderPlaces(places: readonly Place[], phrases: Phrases): string {
  if (places.length === 0) return phrases.noPlaces;
  return places
    .map(({ label, value }, index) => `${index + 1}. ${label}${phrases.separator}${escapeMarkdown(value)}`)
    .join('\n');
}

function fieldPlace(field: DocumentField | null, label: string): Place[] {
  if (field === null || field.quadrilateral === null) return [];
  const { value, page, quadrilateral } = field;
  return [{ label, value, page, quadrilateral }];
}

/** The box around all cells of a row. */
function rowPlace(item: Invoice['items'][number], label: string): Place[] {
  const cells = Object.values(item).filter((cell) => cell?.quadrilateral != null) as (DocumentField & {
    quadrilateral: Quadrilateral;
  })[];
  const page = cells[0]?.page;
  if (page === undefined) return [];
  const corners = cells.filter((cell) => cell.page === page).flatMap(({ quadrilateral }) => quadrilateral);
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const value = item.name?.value ?? cells[0]?.value ?? '';
  return [
    {
      label,
      value,
      page,
      quadrilateral: [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
      ],
    },
  ];
}
