const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const UNITS = ['', '拾', '佰', '仟'];
const GROUPS = ['', '万', '亿'];

/** Cents as an invoice prints them in words: `123456` is 壹仟贰佰叁拾肆圆伍角陆分. */
export function amountInWords(cents: number): string {
  const sign = cents < 0 ? '（负数）' : '';
  const absolute = Math.abs(cents);
  const yuan = Math.floor(absolute / 100);
  const jiao = Math.floor((absolute % 100) / 10);
  const fen = absolute % 10;
  let words = yuan > 0 ? `${yuanInWords(yuan)}圆` : '';
  if (jiao === 0 && fen === 0) return `${sign}${words || '零圆'}整`;
  if (jiao > 0) words += `${DIGITS.charAt(jiao)}角`;
  else if (words !== '') words += '零';
  words += fen > 0 ? `${DIGITS.charAt(fen)}分` : '整';
  return sign + words;
}

function yuanInWords(yuan: number): string {
  let words = '';
  let pendingZero = false;
  for (let group = GROUPS.length - 1; group >= 0; group -= 1) {
    const part = Math.floor(yuan / 10 ** (group * 4)) % 10000;
    if (part === 0) {
      pendingZero = words !== '';
      continue;
    }
    if (words !== '' && (pendingZero || part < 1000)) words += DIGITS.charAt(0);
    words += fourDigits(part) + (GROUPS[group] ?? '');
    pendingZero = false;
  }
  return words;
}

function fourDigits(part: number): string {
  let words = '';
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(part / 10 ** place) % 10;
    const rest = part % 10 ** (place + 1);
    if (digit > 0) words += DIGITS.charAt(digit) + (UNITS[place] ?? '');
    else if (words !== '' && rest > 0 && !words.endsWith('零')) words += '零';
  }
  return words;
}
