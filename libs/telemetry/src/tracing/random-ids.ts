import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let hex = '';
let next = 0;

/** Lower-case hexadecimal digits, out of random bits that are fetched for hundreds of ids at a time. */
export function randomHex(digits: number): string {
  if (next + digits > hex.length) {
    hex = randomFillSync(pool).toString('hex');
    next = 0;
  }
  next += digits;
  return hex.slice(next - digits, next);
}
