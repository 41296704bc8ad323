import { amountInWords } from '../invoice/amount-in-words.js';
import { CITIES } from '../invoice/catalogue.js';
import { decimal } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { drawMatrix } from '../drawing/draw-matrix.js';
import { drawSeal } from '../drawing/draw-seal.js';
import { SANS, SERIF, type TextStyle } from '../drawing/sheet.js';
import { type ComposedDocument, truthOfStatement } from '../document/document.js';
import { inventCode, inventCompany, inventDate } from './invent.js';

const FACE_VALUES = [100, 200, 500, 1000, 2000, 5000, 10000] as const;

/** A coupon of fixed value, torn from a block; nothing is filled in but a stamp. */
export function composeQuota(seed: number): ComposedDocument {
  const random = new Random(seed);
  const city = random.pick(CITIES);
  const code = inventCode(random, '1', city.code, inventDate(random));
  const number = random.digits(8);
  const cents = random.pick(FACE_VALUES);
  const spoilt = random.next() < 0.12;
  const figures = decimal(spoilt ? cents + 5000 : cents);
  const words = amountInWords(cents).replace('圆', random.pick(['元', '圆']));
  const upright = random.next() < 0.4;
  const color = random.pick(['#8b2f2a', '#2d4f86', '#3d6b45']);
  const family = random.pick([SERIF, SANS]);
  const seller = inventCompany(random);
  const noise = random.integer(1, 1e9);
  const [width, height] = upright ? [480, 640] : [860, 420];
  const middle = width / 2;
  return {
    width,
    height,
    paper: random.pick(['#fdf6ee', '#f3f7fb', '#f6f9f1']),
    stampAt: [middle, height * 0.6],
    truth: truthOfStatement({
      kind: 'quota',
      documentType: '通用定额发票',
      fields: { code, number, totalInWords: decimal(cents), total: figures },
      failedChecks: spoilt ? ['words-equal-figures'] : [],
      printed: [code, number, words, figures],
    }),
    draw(sheet) {
      const style: TextStyle = { size: 24, color, family };
      sheet.box(14, 14, width - 14, height - 14, color, 2);
      sheet.text(`${city.region}通用定额发票`, middle, upright ? 72 : 66, {
        ...style,
        size: 34,
        align: 'center',
        maxWidth: width - 60,
      });
      sheet.text('发 票 联', middle, upright ? 116 : 108, { ...style, align: 'center' });
      drawSeal(sheet, {
        x: middle,
        y: upright ? 122 : 112,
        radiusX: 76,
        radiusY: 44,
        arc: '全国统一发票监制章',
        lines: [city.region, '税务局监制'],
        size: 12,
      });
      const left = upright ? 60 : 300;
      const top = upright ? 216 : 188;
      sheet.text(`发票代码 ${code}`, left, top, style);
      sheet.text('发票号码', left, top + 42, style);
      sheet.text(number, left + 108, top + 42, { ...style, color: '#b03a2e', family: SANS });
      sheet.text(words, middle, upright ? 352 : 300, {
        size: 44,
        color,
        family: SERIF,
        bold: true,
        align: 'center',
      });
      sheet.text(`（￥${figures}）`, middle, upright ? 404 : 346, { ...style, size: 27, align: 'center' });
      if (upright) drawMatrix(sheet, new Random(noise), middle - 60, 424, 110);
      else drawMatrix(sheet, new Random(noise), 60, 150, 130);
      const foot = upright ? 588 : 392;
      sheet.text('收款单位（盖章有效）', 40, foot, { ...style, size: 19 });
      sheet.text(upright ? '' : '开票日期      年    月    日', 520, foot, { ...style, size: 19 });
      if (!upright) {
        drawSeal(sheet, {
          x: 690,
          y: 230,
          radiusX: 84,
          radiusY: 58,
          arc: seller.slice(0, 14),
          lines: ['发票专用章'],
          size: 14,
        });
      }
    },
  };
}
