import { amountInWords } from '../invoice/amount-in-words.js';
import { CITIES } from '../invoice/catalogue.js';
import { decimal } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { inventTaxId } from '../invoice/tax-id.js';
import { drawSeal } from '../drawing/draw-seal.js';
import { chineseDate } from '../drawing/draw-vat-invoice.js';
import { SANS, SERIF, type Sheet, SONG, type TextStyle } from '../drawing/sheet.js';
import { type ComposedDocument, truthOfStatement } from '../document/document.js';
import { inventCode, inventCompany, inventDate } from './invent.js';
import { inventTillRows } from './till.js';

const TRADES = ['商业', '服务业', '餐饮业', '交通运输业'] as const;

/** 通用机打发票: a printed head and frame, everything else from a dot printer. */
export function composeMachinePrinted(seed: number): ComposedDocument {
  const random = new Random(seed);
  const city = random.pick(CITIES);
  const date = inventDate(random);
  const code = inventCode(random, '1', city.code, date);
  const number = random.digits(8);
  const machine = random.digits(12);
  const { rows, total } = inventTillRows(random, random.integer(1, 4));
  const fault = random.next() < 0.15;
  const claimed = decimal(fault ? total - 900 : total);
  const words = amountInWords(total);
  const seller = { name: inventCompany(random), taxId: inventTaxId(random) };
  const buyer = inventCompany(random);
  const old = random.next() < 0.5;
  const family = random.pick([SONG, SANS]);
  const color = random.pick(['#8a5a3c', '#36506f']);
  const trade = random.pick(TRADES);
  const [left, right, top] = [50, 930, 210] as const;
  const bottom = top + 44 + 36 * 4 + 50;
  const names = old ? (['付款方', '收款方'] as const) : (['购货单位', '销货单位'] as const);

  function drawHead(sheet: Sheet): void {
    const label: TextStyle = { size: 20, color, family: SERIF };
    const ink: TextStyle = { size: 20, family, color: '#2a2a40' };
    sheet.text(`${city.region}通用机打发票`, 490, 64, { ...label, size: 34, align: 'center' });
    sheet.text('发 票 联', 490, 104, { ...label, size: 22, align: 'center' });
    drawSeal(sheet, {
      x: 490,
      y: 110,
      radiusX: 76,
      radiusY: 42,
      arc: '全国统一发票监制章',
      lines: [city.region, '税务局监制'],
      size: 12,
    });
    sheet.text('发票代码', 690, 70, label);
    sheet.text(code, 786, 70, { ...ink, family: SANS });
    sheet.text('发票号码', 690, 102, label);
    sheet.text(number, 786, 102, { ...ink, family: SANS });
    sheet.text(`开票日期：${chineseDate(date)}`, left, 150, ink);
    sheet.text(`行业分类：${trade}`, 400, 150, ink);
    sheet.text(`机器编号：${machine}`, left, 118, { ...ink, size: 18 });
    sheet.text(`${names[0]}名称：${buyer}`, left, 186, ink);
  }

  return {
    width: 980,
    height: bottom + 130,
    paper: '#fdfcf7',
    stampAt: [760, bottom - 30],
    truth: truthOfStatement({
      kind: 'machine-printed',
      documentType: '通用机打发票',
      fields: {
        code,
        number,
        date,
        buyerName: buyer,
        sellerName: seller.name,
        sellerTaxId: seller.taxId,
        totalInWords: decimal(total),
        total: claimed,
      },
      details: { machineNumber: machine },
      items: rows,
      failedChecks: fault ? ['items-sum-to-total', 'words-equal-figures'] : [],
      printed: [
        code,
        number,
        chineseDate(date),
        buyer,
        seller.name,
        seller.taxId,
        words,
        claimed,
        machine,
        ...rows.flatMap((row) => [row.name, row.unitPrice, row.quantity, row.amount]),
      ],
    }),
    draw(sheet) {
      const label: TextStyle = { size: 20, color, family: SERIF };
      const ink: TextStyle = { size: 20, family, color: '#2a2a40' };
      drawHead(sheet);
      sheet.box(left, top, right, bottom, color, 1.5);
      sheet.line(left, top + 38, right, top + 38, color);
      const columns = [left + 24, 440, 620, right - 40] as const;
      sheet.text(old ? '项目' : '货物名称', columns[0] + 60, top + 26, label);
      sheet.text('单价', columns[1], top + 26, { ...label, align: 'center' });
      sheet.text('数量', columns[2], top + 26, { ...label, align: 'center' });
      sheet.text('金额', columns[3] - 40, top + 26, { ...label, align: 'center' });
      rows.forEach((row, index) => {
        const y = top + 68 + index * 36;
        sheet.text(row.name, columns[0], y, ink);
        sheet.text(row.unitPrice, columns[1] + 30, y, { ...ink, align: 'right' });
        sheet.text(row.quantity, columns[2] + 10, y, { ...ink, align: 'right' });
        sheet.text(row.amount, columns[3], y, { ...ink, align: 'right' });
      });
      sheet.line(left, bottom - 46, right, bottom - 46, color);
      sheet.text('合计（大写）', left + 24, bottom - 16, label);
      sheet.text(words, left + 160, bottom - 16, ink);
      sheet.text('（小写）', 640, bottom - 16, label);
      sheet.text(`￥${claimed}`, 730, bottom - 16, ink);
      sheet.text(`${names[1]}名称：${seller.name}`, left, bottom + 36, ink);
      sheet.text(`纳税人识别号：${seller.taxId}`, left, bottom + 70, ink);
      sheet.text('开票人：管理员', left + 480, bottom + 70, ink);
      drawSeal(sheet, {
        x: 800,
        y: bottom + 34,
        radiusX: 84,
        radiusY: 56,
        arc: seller.name.slice(0, 14),
        lines: ['发票专用章'],
        size: 14,
      });
    },
  };
}
