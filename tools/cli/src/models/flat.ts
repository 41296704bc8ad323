import { z } from 'zod';

/** Facts inside facts, with dots between their names. */
export function flat(value: Readonly<Record<string, unknown>>, prefix = ''): string[][] {
  return Object.entries(value).flatMap(([key, each]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const { data: nested } = z.record(z.string(), z.unknown()).safeParse(each);
    return nested === undefined ? [[name, word(each)]] : flat(nested, name);
  });
}

/** A fact as a person reads it. */
export function word(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toPrecision(6);
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
