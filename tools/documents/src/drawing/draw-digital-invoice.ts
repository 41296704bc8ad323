import { type Random } from '../invoice/random.js';
import { type InvoiceSpecification, type Party } from '../invoice/specification.js';
import { type Columns, drawColumnTitles, drawItems, itemsHeight, ROW_HEIGHT } from './draw-items.js';
import { drawMatrix } from './draw-matrix.js';
import { drawSeal } from './draw-seal.js';
import { chineseDate, withSign } from './draw-vat-invoice.js';
import { SANS, type Sheet, type TextStyle } from './sheet.js';

const LEFT = 40;
const RIGHT = 1080;
const MIDDLE = 560;
const BOX_TOP = 160;
const PARTY_HEIGHT = 104;
const REMARK_HEIGHT = 110;
const RULE = '#97482f';
const LABEL: TextStyle = { size: 17, color: RULE };
const VALUE: TextStyle = { size: 17, family: SANS };

const COLUMNS: Columns = {
  edges: [LEFT, 300, 430, 500, 590, 722, 858, 962, RIGHT],
  titles: ['项目名称', '规格型号', '单 位', '数 量', '单 价', '金 额', '税率/征收率', '税 额'],
};

/** The fully digital invoice in use from 2021: a number of 20 digits, no code, parties side by side. */
export function digitalInvoiceHeight(sheet: Sheet, invoice: InvoiceSpecification): number {
  return BOX_TOP + PARTY_HEIGHT + bodyHeight(sheet, invoice) + 44 + REMARK_HEIGHT + 64;
}

export function drawDigitalInvoice(sheet: Sheet, invoice: InvoiceSpecification, random: Random): void {
  drawHeader(sheet, invoice, random);
  const itemsTop = BOX_TOP + PARTY_HEIGHT;
  const wordsTop = itemsTop + bodyHeight(sheet, invoice);
  const remarkTop = wordsTop + 44;
  const bottom = remarkTop + REMARK_HEIGHT;
  sheet.box(LEFT, BOX_TOP, RIGHT, bottom, RULE, 2);
  drawParty(sheet, '购买方信息', invoice.buyer, LEFT);
  sheet.line(MIDDLE, BOX_TOP, MIDDLE, itemsTop, RULE);
  drawParty(sheet, '销售方信息', invoice.seller, MIDDLE);
  sheet.line(LEFT, itemsTop, RIGHT, itemsTop, RULE);
  drawBody(sheet, invoice, itemsTop, wordsTop);
  drawWords(sheet, invoice, wordsTop);
  sheet.line(LEFT + 36, remarkTop, LEFT + 36, bottom, RULE);
  sheet.column('备注', LEFT + 18, remarkTop + 18, bottom - 18, LABEL);
  invoice.remark.forEach((line, index) => {
    sheet.text(line, LEFT + 48, remarkTop + 28 + index * 26, VALUE);
  });
  sheet.text('开票人：', 110, bottom + 32, LABEL);
  sheet.text(invoice.issuer, 182, bottom + 32, VALUE);
}

function drawHeader(sheet: Sheet, invoice: InvoiceSpecification, random: Random): void {
  drawMatrix(sheet, random, LEFT + 14, 34, 100);
  const title: TextStyle = { ...LABEL, size: 33, align: 'center' };
  sheet.text(invoice.title, MIDDLE, 76, title);
  const half = sheet.width(invoice.title, title) / 2 + 10;
  sheet.line(MIDDLE - half, 92, MIDDLE + half, 92, RULE, 1.5);
  sheet.line(MIDDLE - half, 97, MIDDLE + half, 97, RULE, 1.5);
  drawSeal(sheet, {
    x: MIDDLE,
    y: 114,
    radiusX: 78,
    radiusY: 42,
    arc: '全国统一发票监制章',
    lines: ['国家税务总局', invoice.region],
    size: 12,
  });
  for (const [index, [name, content]] of [
    ['发票号码：', invoice.number],
    ['开票日期：', chineseDate(invoice.date)],
  ].entries()) {
    sheet.text(name ?? '', 806, 84 + index * 34, LABEL);
    sheet.text(content ?? '', 892, 84 + index * 34, VALUE);
  }
}

function drawParty(sheet: Sheet, title: string, party: Party, left: number): void {
  sheet.line(left + 34, BOX_TOP, left + 34, BOX_TOP + PARTY_HEIGHT, RULE);
  sheet.column(title, left + 17, BOX_TOP + 4, BOX_TOP + PARTY_HEIGHT - 4, { ...LABEL, size: 15 });
  sheet.text('名称：', left + 44, BOX_TOP + 36, LABEL);
  sheet.text(party.name, left + 96, BOX_TOP + 36, { ...VALUE, maxWidth: 410 });
  sheet.text('统一社会信用代码/纳税人识别号：', left + 44, BOX_TOP + 80, LABEL);
  sheet.text(party.taxId, left + 306, BOX_TOP + 80, VALUE);
}

function bodyHeight(sheet: Sheet, invoice: InvoiceSpecification): number {
  return 38 + Math.max(5 * ROW_HEIGHT, itemsHeight(sheet, COLUMNS, invoice.items)) + 40;
}

function drawBody(sheet: Sheet, invoice: InvoiceSpecification, top: number, bottom: number): void {
  drawColumnTitles(sheet, COLUMNS, top + 26, LABEL);
  drawItems(sheet, COLUMNS, invoice.items, top + 38);
  sheet.text('合　　　计', 200, bottom - 12, { ...LABEL, align: 'center' });
  const figures: TextStyle = { ...VALUE, align: 'right' };
  sheet.text(withSign(invoice.netAmount), 850, bottom - 12, figures);
  sheet.text(withSign(invoice.taxAmount), 1072, bottom - 12, figures);
  sheet.line(LEFT, bottom, RIGHT, bottom, RULE);
}

function drawWords(sheet: Sheet, invoice: InvoiceSpecification, top: number): void {
  const y = top + 29;
  sheet.text('价税合计（大写）', 170, y, { ...LABEL, align: 'center' });
  sheet.line(300, top, 300, top + 44, RULE);
  sheet.text(`⊗${invoice.totalInWords}`, 318, y, { ...VALUE, size: 18 });
  sheet.text('（小写）', 790, y, LABEL);
  sheet.text(withSign(invoice.total), 872, y, { ...VALUE, size: 18 });
  sheet.line(LEFT, top + 44, RIGHT, top + 44, RULE);
}
