/** Digits that a whole number may have when nothing else bounds it: every such number is exact in a double. */
const MOST_DIGITS = 15;
const LARGEST = 10 ** MOST_DIGITS - 1;

export interface NumberBounds {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
}

/** Expression for whole numbers within the bounds, or the rule for all of them; undefined: there is none. */
export function integerExpression(bounds: NumberBounds): string | undefined {
  const low = Math.max(
    Math.ceil(bounds.minimum ?? -Infinity),
    Math.floor(bounds.exclusiveMinimum ?? -Infinity) + 1,
  );
  const high = Math.min(
    Math.floor(bounds.maximum ?? Infinity),
    Math.ceil(bounds.exclusiveMaximum ?? Infinity) - 1,
  );
  if (low > high) return undefined;
  if ((low === -Infinity && high === Infinity) || low > LARGEST || high < -LARGEST) return 'integer';
  const [least, most] = [Math.max(low, -LARGEST), Math.min(high, LARGEST)];
  return group([
    ...(least < 0 ? [`"-" ${whole(Math.max(1, -most), -least)}`] : []),
    ...(most >= 0 ? [whole(Math.max(0, least), most)] : []),
  ]);
}

/**
 * Expression for numbers. Inclusive whole bounds are kept exactly; of others only the sign is, and the
 * finished answer is checked anyway. Digits are bounded, so that no number is infinite.
 */
export function numberExpression(bounds: NumberBounds): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds;
  const fraction = '("." [0-9]{1,15})?';
  const exact = exclusiveMinimum === undefined && exclusiveMaximum === undefined;
  if (exact && inWhole(minimum) && inWhole(maximum) && minimum <= maximum) {
    const parts: string[] = [];
    for (const [sign, low, high] of [
      ['', Math.max(0, minimum), maximum],
      ['"-" ', Math.max(0, -maximum), -minimum],
    ] as const) {
      if (high < 0) continue;
      if (low < high) parts.push(`${sign}${whole(low, high - 1)} ${fraction}`);
      if (low <= high) parts.push(`${sign}${whole(high, high)} ("." "0"{1,2})?`);
    }
    return group(parts);
  }
  const sign = (minimum ?? exclusiveMinimum ?? -1) >= 0 ? '' : '"-"? ';
  return `${sign}${whole(0, LARGEST)} ${fraction} ([eE] [+-]? [0-9]{1,2})?`;
}

function inWhole(bound: number | undefined): bound is number {
  return Number.isInteger(bound) && Math.abs(bound ?? 0) <= LARGEST;
}

/** Decimal spellings, without leading zeros, of the whole numbers from `low` to `high`, both at least 0. */
function whole(low: number, high: number): string {
  if (low === 0 && high === LARGEST) return `("0" | [1-9] [0-9]{0,${MOST_DIGITS - 1}})`;
  const parts: string[] = [];
  for (let digits = String(low).length; digits <= String(high).length; digits += 1) {
    const least = Math.max(low, digits === 1 ? 0 : 10 ** (digits - 1));
    const most = Math.min(high, 10 ** digits - 1);
    parts.push(sameLength(String(least), String(most)));
  }
  return group(parts);
}

function sameLength(low: string, high: string): string {
  const first = low.charAt(0);
  const last = high.charAt(0);
  if (low.length === 1) return digit(first, last);
  const rest = low.length - 1;
  const anyRest = `[0-9]{${rest}}`;
  if (/^0*$/.test(low.slice(1)) && /^9*$/.test(high.slice(1))) return `${digit(first, last)} ${anyRest}`;
  if (first === last) return `${digit(first, last)} ${sameLength(low.slice(1), high.slice(1))}`;
  const parts = [`${digit(first, first)} ${sameLength(low.slice(1), '9'.repeat(rest))}`];
  const [after, before] = [Number(first) + 1, Number(last) - 1];
  if (after <= before) parts.push(`${digit(String(after), String(before))} ${anyRest}`);
  parts.push(`${digit(last, last)} ${sameLength('0'.repeat(rest), high.slice(1))}`);
  return group(parts);
}

function digit(low: string, high: string): string {
  return low === high ? `"${low}"` : `[${low}-${high}]`;
}

function group(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' | ')})`;
}
