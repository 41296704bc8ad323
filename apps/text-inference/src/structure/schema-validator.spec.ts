import { expect, it } from 'vitest';
import { validatorOf } from './schema-validator.js';
import { withinTime } from './within-time.js';

it('interrupts a pattern that backtracks without end', () => {
  const validator = validatorOf({ type: 'string', pattern: '^(a+)+$' });

  expect(validator.check('a'.repeat(20))).toBeUndefined();
  expect(validator.check(`${'a'.repeat(40)}!`)).toMatch(/too long to check/);
  expect(validator.check('aa')).toBeUndefined();
});

it('gives path and rule, and no word of the value', () => {
  const validator = validatorOf({
    properties: { items: { type: 'array', items: { additionalProperties: { type: 'integer' } } } },
  });

  expect(validator.check({ items: [{ secret: 'word' }] })).toBe('at /items/0/*: must be integer');
});

it('keeps a bounded number of validators and makes them again', () => {
  for (let index = 0; index < 200; index += 1) validatorOf({ const: index });

  expect(validatorOf({ const: 0 }).check(0)).toBeUndefined();
  expect(validatorOf({ const: 0 }).check(1)).toMatch(/constant/);
});

it('passes on what work throws', () => {
  expect(() =>
    withinTime(50, () => {
      throw new RangeError('deep');
    }),
  ).toThrow(RangeError);
});
