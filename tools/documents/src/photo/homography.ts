export type Point = readonly [number, number];
export type Corners = readonly [Point, Point, Point, Point];

/** Nine numbers, row by row; maps a point of the `from` quadrilateral to the same place of `to`. */
export function homography(from: Corners, to: Corners): Float64Array {
  const rows: number[][] = [];
  from.forEach(([x, y], index) => {
    const [u, v] = to[index] ?? [0, 0];
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u]);
    rows.push([0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  });
  return Float64Array.from([...solve(rows), 1]);
}

/** Gauss elimination with pivoting on eight equations, each with its right side last. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    const pivot = rows
      .slice(column)
      .reduce((best, row) => (Math.abs(at(row, column)) > Math.abs(at(best, column)) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    rows.forEach((row, index) => {
      if (index === column) return;
      const factor = at(row, column) / at(pivot, column);
      for (let cell = column; cell <= size; cell += 1) row[cell] = at(row, cell) - factor * at(pivot, cell);
    });
  }
  return rows.map((row, index) => at(row, size) / at(row, index));
}

const at = (row: readonly number[], index: number): number => row[index] ?? 0;
