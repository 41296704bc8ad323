import { amountInWords } from '../invoice/amount-in-words.js';
import { CITIES } from '../invoice/catalogue.js';
import { decimal } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { inventTaxId, spoilTaxId } from '../invoice/tax-id.js';
import { drawMatrix } from '../drawing/draw-matrix.js';
import { drawSeal } from '../drawing/draw-seal.js';
import { SANS, SERIF, SONG, type TextStyle } from '../drawing/sheet.js';
import { type ComposedDocument, truthOfStatement } from '../document/document.js';
import { inventCode, inventCompany, inventDate } from './invent.js';
import { inventTillRows } from './till.js';

/** 增值税普通发票（卷票）: printed by a till on a roll 57 or 76 millimetres wide. */
export function composeRoll(seed: number): ComposedDocument {
  const random = new Random(seed);
  const city = random.pick(CITIES);
  const date = inventDate(random);
  const code = inventCode(random, '0', city.code, date);
  const number = random.digits(8);
  const machine = random.digits(12);
  const checkCode = random.digits(20);
  const { rows, total } = inventTillRows(random, random.integer(1, 5));
  const fault = random.next() < 0.15 ? random.pick(['total', 'tax-id'] as const) : null;
  const honestId = inventTaxId(random);
  const seller = { name: inventCompany(random), taxId: fault === 'tax-id' ? spoilTaxId(honestId) : honestId };
  const buyer = { name: inventCompany(random), taxId: inventTaxId(random) };
  const claimed = decimal(fault === 'total' ? total + 1000 : total);
  const words = amountInWords(total);
  const wide = random.next() < 0.5;
  const width = wide ? 520 : 430;
  const family = random.pick([SANS, SONG, SERIF]);
  const noise = random.integer(1, 1e9);
  const left = 36;
  const rowHeight = 64;
  const body = 510;
  const height = body + rows.length * rowHeight + 380;
  const failedChecks = {
    total: ['items-sum-to-total', 'words-equal-figures'],
    'tax-id': ['seller-tax-id'],
    none: [],
  }[fault ?? 'none'];
  return {
    width,
    height,
    paper: '#fcfbf8',
    stampAt: [width * 0.62, height - 250],
    truth: truthOfStatement({
      kind: 'vat-roll',
      documentType: '增值税普通发票（卷票）',
      fields: {
        code,
        number,
        date,
        checkCode,
        buyerName: buyer.name,
        buyerTaxId: buyer.taxId,
        sellerName: seller.name,
        sellerTaxId: seller.taxId,
        totalInWords: decimal(total),
        total: claimed,
      },
      details: { machineNumber: machine },
      items: rows,
      failedChecks,
      printed: [
        code,
        number,
        date,
        checkCode,
        buyer.name,
        buyer.taxId,
        seller.name,
        seller.taxId,
        words,
        claimed,
        machine,
        ...rows.flatMap((row) => [row.name, row.unitPrice, row.quantity, row.amount]),
      ],
    }),
    draw(sheet) {
      const red: TextStyle = {
        size: 24,
        color: '#9c3a33',
        family: SERIF,
        align: 'center',
        maxWidth: width - 40,
      };
      const ink: TextStyle = { size: 20, color: '#2e2e36', family };
      sheet.text(`${city.region}增值税普通发票（卷票）`, width / 2, 56, red);
      sheet.text('发 票 联', width / 2, 92, { ...red, size: 20 });
      drawSeal(sheet, {
        x: width / 2,
        y: 104,
        radiusX: 70,
        radiusY: 42,
        arc: '全国统一发票监制章',
        lines: [city.region, '税务局监制'],
        size: 11,
      });
      const lines: readonly (readonly [string, string])[] = [
        ['发票代码', code],
        ['发票号码', number],
        ['机打号码', number],
        ['机器编号', machine],
        ['销售方名称', seller.name],
        ['纳税人识别号', seller.taxId],
        ['开票日期', date],
        ['购买方名称', buyer.name],
        ['纳税人识别号', buyer.taxId],
      ];
      lines.forEach(([name, value], index) => {
        const y = 180 + index * 31;
        sheet.text(`${name}：`, left, y, ink);
        const indent = left + sheet.width(`${name}：`, ink) + 2;
        sheet.text(value, indent, y, { ...ink, maxWidth: width - indent - 24 });
      });
      const columns = [left, width * 0.42, width * 0.62, width - 36] as const;
      sheet.line(left, body - 36, width - 36, body - 36, '#77777f', 1);
      sheet.text('项目', columns[0], body - 10, ink);
      sheet.text('单价', columns[1], body - 10, { ...ink, align: 'center' });
      sheet.text('数量', columns[2], body - 10, { ...ink, align: 'center' });
      sheet.text('金额', columns[3], body - 10, { ...ink, align: 'right' });
      rows.forEach((row, index) => {
        const y = body + 24 + index * rowHeight;
        sheet.text(row.name, columns[0], y, ink);
        sheet.text(row.unitPrice, columns[1], y + 28, { ...ink, align: 'center' });
        sheet.text(row.quantity, columns[2], y + 28, { ...ink, align: 'center' });
        sheet.text(row.amount, columns[3], y + 28, { ...ink, align: 'right' });
      });
      const end = body + rows.length * rowHeight + 24;
      sheet.line(left, end - 14, width - 36, end - 14, '#77777f', 1);
      sheet.text(`合计金额（小写）：￥${claimed}`, left, end + 18, ink);
      sheet.text('合计金额（大写）：', left, end + 52, ink);
      sheet.text(words, left + sheet.width('合计金额（大写）：', ink), end + 52, {
        ...ink,
        maxWidth: width - 230,
      });
      sheet.text(`校验码：${checkCode}`, left, end + 86, ink);
      sheet.text('收款员：收银甲', left, end + 120, ink);
      drawMatrix(sheet, new Random(noise), width / 2 - 70, end + 150, 140);
    },
  };
}
