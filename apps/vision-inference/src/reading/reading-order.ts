import type { Quadrilateral } from '@trivium/contracts/content';

interface Placed {
  readonly quadrilateral: Quadrilateral;
}

interface Located<Line> {
  readonly line: Line;
  /** In a frame turned so that text runs along x. */
  readonly left: number;
  readonly middle: number;
  readonly height: number;
}

/** Lines belong to one row while their middles differ by less than this part of the smaller height. */
const ROW_TOLERANCE = 0.5;

/**
 * Top to bottom, left to right within a row, in the direction that most of the text runs: a page
 * photographed askew or lying on its side is read as its reader would hold it. Lines are only ordered,
 * never joined, so neighbouring columns stay apart.
 */
export function inReadingOrder<Line extends Placed>(lines: readonly Line[]): Line[] {
  const angle = textAngle(lines);
  const located = lines.map((line) => locate(line, angle)).sort((one, other) => one.middle - other.middle);
  const rows: Located<Line>[][] = [];
  for (const next of located) {
    const row = rows.at(-1);
    if (row !== undefined && sharesRow(row, next)) row.push(next);
    else rows.push([next]);
  }
  return rows.flatMap((row) => row.sort((one, other) => one.left - other.left).map(({ line }) => line));
}

/** Direction of the text, in radians: the mean of the lines' upper and lower edges, long ones counting more. */
function textAngle(lines: readonly Placed[]): number {
  let x = 0;
  let y = 0;
  for (const { quadrilateral } of lines) {
    const [topLeft, topRight, bottomRight, bottomLeft] = quadrilateral;
    const along = [
      topRight[0] - topLeft[0] + bottomRight[0] - bottomLeft[0],
      topRight[1] - topLeft[1] + bottomRight[1] - bottomLeft[1],
    ] as const;
    const length = Math.hypot(...along);
    // Squared length: short boxes say little about the direction of the page.
    x += along[0] * length;
    y += along[1] * length;
  }
  return Math.atan2(y, x);
}

function locate<Line extends Placed>(line: Line, angle: number): Located<Line> {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const turned = line.quadrilateral.map(([x, y]) => [x * cos + y * sin, y * cos - x * sin] as const);
  const xs = turned.map(([x]) => x);
  const ys = turned.map(([, y]) => y);
  const top = Math.min(...ys);
  const bottom = Math.max(...ys);
  return { line, left: Math.min(...xs), middle: (top + bottom) / 2, height: bottom - top };
}

/** Against the row's nearest neighbour to the left, so that a curved page does not break its rows. */
function sharesRow<Line>(row: readonly Located<Line>[], next: Located<Line>): boolean {
  const nearest = row.reduce((best, one) =>
    Math.abs(one.left - next.left) < Math.abs(best.left - next.left) ? one : best,
  );
  return Math.abs(next.middle - nearest.middle) < ROW_TOLERANCE * Math.min(nearest.height, next.height);
}
