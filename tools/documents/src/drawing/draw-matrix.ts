import { type Random } from '../invoice/random.js';
import { type Sheet } from './sheet.js';

const MODULES = 29;

/** Looks like a QR code to the eye and to a text detector; it carries nothing. */
export function drawMatrix(sheet: Sheet, random: Random, left: number, top: number, size: number): void {
  const { context } = sheet;
  const module = size / MODULES;
  context.fillStyle = '#1a1a1a';
  for (let row = 0; row < MODULES; row += 1) {
    for (let column = 0; column < MODULES; column += 1) {
      const dark = finder(row, column) ?? random.next() < 0.48;
      if (dark) context.fillRect(left + column * module, top + row * module, module + 0.2, module + 0.2);
    }
  }
}

/** The three corner squares; undefined elsewhere. */
function finder(row: number, column: number): boolean | undefined {
  const far = MODULES - 8;
  const localRow = row > far ? MODULES - 1 - row : row;
  const localColumn = column > far ? MODULES - 1 - column : column;
  if (localRow > 7 || localColumn > 7 || (row > far && column > far)) return undefined;
  const ring = Math.max(Math.abs(localRow - 3), Math.abs(localColumn - 3));
  return ring === 3 || ring <= 1;
}
