import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { parseAmountInWords, stripSign, WORDS_PATTERN, writeAmountInWords } from './amount-in-words.js';

describe('parseAmountInWords', () => {
  it.each([
    ['壹仟壹佰叁拾圆整', '1130.00'],
    ['贰万伍仟叁佰伍拾肆圆柒角壹分', '25354.71'],
    ['壹拾万肆仟玖佰叁拾玖圆伍角整', '104939.50'],
    ['拾万圆整', '100000.00'],
    ['拾贰圆正', '12.00'],
    ['壹仟壹佰零捌圆捌角整', '1108.80'],
    ['壹佰圆零伍分', '100.05'],
    ['伍角', '0.50'],
    ['叁分', '0.03'],
    ['零圆伍角整', '0.50'],
    ['壹亿零伍万零叁佰圆整', '100050300.00'],
    ['壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾圆整', '1234567890.00'],
    ['壹仟元整', '1000.00'],
    ['參萬伍仟圓整', '35000.00'],
    ['负壹佰圆整', '-100.00'],
    ['(负数)壹佰圆整', '-100.00'],
    ['贰万 伍仟圆 整', '25000.00'],
  ])('reads %s', (words, amount) => {
    expect(parseAmountInWords(words)?.toFixed(2)).toBe(amount);
  });

  it.each([
    '',
    '整',
    '圆整',
    '万叁仟壹佰圆整', // the first numeral was not read
    '贰柒圆整', // two numerals without a unit
    '壹佰壹仟圆整', // units must fall
    '壹佰伍圆整', // 105 or 150
    '佰圆整', // only 拾 may stand alone
    '零佰圆整',
    '壹佰圆伍',
    '柒万贰千X佰圆整',
    '伍拾陆角贰分', // the 圆 was not read
  ])('refuses %j, which states no amount', (words) => {
    expect(parseAmountInWords(words)).toBeNull();
  });

  it('does not mend look-alikes: 染 is not 柒', () => {
    expect(parseAmountInWords('染佰圆整')).toBeNull();
  });
});

describe('writeAmountInWords', () => {
  it.each([
    ['1130', '壹仟壹佰叁拾圆整'],
    ['104939.5', '壹拾万肆仟玖佰叁拾玖圆伍角整'],
    ['100.05', '壹佰圆零伍分'],
    ['10005', '壹万零伍圆整'],
    ['100050300', '壹亿零伍万零叁佰圆整'],
    ['0.5', '伍角整'],
    ['0', '零圆整'],
    ['-12.3', '负壹拾贰圆叁角整'],
  ])('writes %s', (amount, words) => {
    expect(writeAmountInWords(new Decimal(amount))).toBe(words);
  });
});

describe('words and figures', () => {
  it('make the round trip for amounts of every size', () => {
    const random = seeded(20261121);
    for (let round = 0; round < 5000; round += 1) {
      const digits = 1 + Math.floor(random() * 14);
      const fen = new Decimal(Math.floor(random() * 10 ** digits));
      const zeros = new Decimal(10).pow(Math.floor(random() * digits));
      const amount = fen
        .div(zeros)
        .floor()
        .times(zeros)
        .div(100)
        .times(random() < 0.1 ? -1 : 1);

      const words = writeAmountInWords(amount);

      expect(parseAmountInWords(words)?.toFixed(2), words).toBe(amount.plus(0).toFixed(2));
    }
  });

  it('are found among other print', () => {
    expect(WORDS_PATTERN.exec('⊗贰万伍仟圆整 (小写) ¥25000.00')?.[0]).toBe('贰万伍仟圆整');
  });
});

/** Park and Miller; the same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

describe('stripSign', () => {
  it.each([
    ['⊗贰万圆整', '贰万圆整'],
    ['区壹仟圆整', '壹仟圆整'],
    ['贰万圆整', '贰万圆整'],
    ['负壹圆整', '负壹圆整'],
  ])('makes %s to %s', (printed, words) => {
    expect(stripSign(printed)).toBe(words);
  });

  it('keeps what may be a numeral that was misread', () => {
    expect(stripSign('区万叁仟圆整')).toBe('区万叁仟圆整');
    expect(stripSign('染佰圆整')).toBe('染佰圆整');
  });
});
