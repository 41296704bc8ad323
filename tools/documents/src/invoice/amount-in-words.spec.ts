import { expect, it } from 'vitest';
import { amountInWords } from './amount-in-words.js';

it.each([
  [113000, '壹仟壹佰叁拾圆整'],
  [2535471, '贰万伍仟叁佰伍拾肆圆柒角壹分'],
  [10493950, '壹拾万肆仟玖佰叁拾玖圆伍角整'],
  [110880, '壹仟壹佰零捌圆捌角整'],
  [10005, '壹佰圆零伍分'],
  [1000500, '壹万零伍圆整'],
  [50, '伍角整'],
  [0, '零圆整'],
  [-10000, '（负数）壹佰圆整'],
])('writes %i fen as %s', (cents, words) => {
  expect(amountInWords(cents)).toBe(words);
});
