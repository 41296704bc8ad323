/** Sums of a weighted least-squares problem: everything that a fit needs, whatever the number of rows. */
export class NormalEquations {
  /** Row-major, symmetric. */
  readonly #squares: Float64Array;
  readonly #products: Float64Array;

  constructor(readonly size: number) {
    this.#squares = new Float64Array(size * size);
    this.#products = new Float64Array(size);
  }

  add(row: readonly number[], target: number, weight: number): void {
    for (let i = 0; i < this.size; i += 1) {
      const scaled = weight * (row[i] ?? 0);
      this.#products[i] = (this.#products[i] ?? 0) + scaled * target;
      for (let j = 0; j < this.size; j += 1) {
        const at = i * this.size + j;
        this.#squares[at] = (this.#squares[at] ?? 0) + scaled * (row[j] ?? 0);
      }
    }
  }

  square(i: number, j: number): number {
    return this.#squares[i * this.size + j] ?? 0;
  }

  product(i: number): number {
    return this.#products[i] ?? 0;
  }
}

/**
 * Coefficients of at least 0 that fit best (Lawson and Hanson, Solving Least Squares Problems, 1974,
 * chapter 23). With so few columns every set of columns that may be above 0 is tried.
 *
 * `ridge`, a share of each column's own square, draws the coefficients to `prior`. It decides only
 * what the rows leave open, such as how columns share a cost that they always showed together.
 */
export function fitNonNegative(
  equations: NormalEquations,
  prior: readonly number[],
  ridge: number,
): number[] {
  const { size } = equations;
  // Columns are scaled to the same length: n·L² may be a million times n.
  const scale = Array.from({ length: size }, (_, i) => Math.sqrt(equations.square(i, i)) || 1);
  const square = (i: number, j: number): number =>
    equations.square(i, j) / ((scale[i] ?? 1) * (scale[j] ?? 1)) + (i === j ? ridge : 0);
  const product = (i: number): number =>
    equations.product(i) / (scale[i] ?? 1) + ridge * (prior[i] ?? 0) * (scale[i] ?? 1);

  let best: number[] = new Array<number>(size).fill(0);
  let least = 0; // what all coefficients at 0 leave, less the targets' own square
  for (let set = 1; set < 1 << size; set += 1) {
    const columns = best.map((_, i) => i).filter((i) => (set >> i) & 1);
    const solution = solve(
      columns.map((i) => columns.map((j) => square(i, j))),
      columns.map(product),
    );
    if (solution === undefined || solution.some((value) => value < 0)) continue;
    // At the minimum of a set, xᵀAx − 2bᵀx is −bᵀx.
    const left = -solution.reduce((sum, value, k) => sum + value * product(columns[k] ?? 0), 0);
    if (left >= least) continue;
    least = left;
    best = new Array<number>(size).fill(0);
    columns.forEach((i, k) => (best[i] = (solution[k] ?? 0) / (scale[i] ?? 1)));
  }
  return best;
}

/** Gaussian elimination with the largest pivot first; undefined when no single solution exists. */
function solve(matrix: number[][], right: number[]): number[] | undefined {
  const size = right.length;
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let i = column + 1; i < size; i += 1) {
      if (Math.abs(at(rows, i, column)) > Math.abs(at(rows, pivot, column))) pivot = i;
    }
    if (Math.abs(at(rows, pivot, column)) < 1e-12) return undefined;
    [rows[column], rows[pivot]] = [rows[pivot] ?? [], rows[column] ?? []];
    for (let i = column + 1; i < size; i += 1) {
      const factor = at(rows, i, column) / at(rows, column, column);
      for (let j = column; j <= size; j += 1) {
        const row = rows[i];
        if (row !== undefined) row[j] = at(rows, i, j) - factor * at(rows, column, j);
      }
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i -= 1) {
    let rest = at(rows, i, size);
    for (let j = i + 1; j < size; j += 1) rest -= at(rows, i, j) * (solution[j] ?? 0);
    solution[i] = rest / at(rows, i, i);
  }
  return solution;
}

const at = (rows: readonly (readonly number[])[], i: number, j: number): number => rows[i]?.[j] ?? 0;
