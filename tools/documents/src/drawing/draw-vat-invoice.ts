import { type Random } from '../invoice/random.js';
import { type InvoiceSpecification, type Party } from '../invoice/specification.js';
import { type Columns, drawColumnTitles, drawItems, itemsHeight, ROW_HEIGHT } from './draw-items.js';
import { drawMatrix } from './draw-matrix.js';
import { drawSeal } from './draw-seal.js';
import { SANS, type Sheet, type TextStyle } from './sheet.js';

export const SHEET_WIDTH = 1120;

const LEFT = 40;
const RIGHT = 1080;
const BOX_TOP = 176;
const PARTY_HEIGHT = 132;
const INK = '#1b1b1b';

const COLUMNS: Columns = {
  edges: [LEFT, 318, 440, 494, 572, 690, 836, 906, RIGHT],
  titles: ['货物或应税劳务、服务名称', '规格型号', '单 位', '数 量', '单 价', '金 额', '税率', '税 额'],
};

interface Brush {
  readonly sheet: Sheet;
  readonly rule: string;
  readonly label: TextStyle;
  readonly value: TextStyle;
}

/** The two-colour form in use from 2016: brown rules and labels, black print. */
export function vatInvoiceHeight(sheet: Sheet, invoice: InvoiceSpecification): number {
  return BOX_TOP + PARTY_HEIGHT * 2 + bodyHeight(sheet, invoice) + 40 + 70;
}

export function drawVatInvoice(sheet: Sheet, invoice: InvoiceSpecification, random: Random): void {
  const rule = invoice.layout === 'vat-special' ? '#7d4a2f' : '#8a5a3c';
  const brush: Brush = {
    sheet,
    rule,
    label: { size: 17, color: rule },
    value: { size: 17, family: SANS, color: INK },
  };
  drawHeader(brush, invoice, random);
  const itemsTop = BOX_TOP + PARTY_HEIGHT;
  const totalsTop = itemsTop + bodyHeight(sheet, invoice);
  const sellerTop = totalsTop + 40;
  const bottom = sellerTop + PARTY_HEIGHT;
  sheet.box(LEFT, BOX_TOP, RIGHT, bottom, rule, 2);
  drawParty(brush, '购买方', invoice.buyer, BOX_TOP);
  drawSide(brush, '密码区', BOX_TOP);
  invoice.cipher.forEach((line, index) => {
    sheet.text(line, 734, BOX_TOP + 30 + index * 28, { ...brush.value, size: 18, maxWidth: 336 });
  });
  drawBody(brush, invoice, itemsTop, totalsTop);
  drawWords(brush, invoice, totalsTop);
  drawParty(brush, '销售方', invoice.seller, sellerTop);
  drawSide(brush, '备注', sellerTop);
  invoice.remark.forEach((line, index) => {
    sheet.text(line, 736, sellerTop + 30 + index * 26, brush.value);
  });
  drawFooter(brush, invoice, bottom);
}

function drawHeader(brush: Brush, invoice: InvoiceSpecification, random: Random): void {
  const { sheet, label, rule, value } = brush;
  const middle = (LEFT + RIGHT) / 2;
  sheet.text(invoice.title, middle, 72, { ...label, size: 34, align: 'center' });
  const half = sheet.width(invoice.title, { ...label, size: 34 }) / 2 + 12;
  sheet.line(middle - half, 88, middle + half, 88, rule, 1.5);
  sheet.line(middle - half, 93, middle + half, 93, rule, 1.5);
  if (invoice.layout === 'vat-special') drawSpecialNumbers(brush, invoice);
  else {
    drawMatrix(sheet, random, LEFT + 14, 30, 96);
    drawLabelled(brush, '机器编号：', invoice.machineNumber, LEFT + 8, 158);
    const rows = [
      ['发票代码：', invoice.code ?? ''],
      ['发票号码：', invoice.number],
      ['开票日期：', chineseDate(invoice.date)],
      ['校 验 码：', spaced(invoice.checkCode ?? '')],
    ] as const;
    rows.forEach(([name, content], index) => {
      sheet.text(name, 772, 62 + index * 32, label);
      sheet.text(content, 862, 62 + index * 32, value);
    });
  }
  drawSeal(sheet, {
    x: middle,
    y: 118,
    radiusX: 78,
    radiusY: 46,
    arc: '全国统一发票监制章',
    lines: [invoice.region, '税务局监制'],
    size: 13,
  });
}

/** On the paper form the code stands at the left without a label, the number at the right after `No`. */
function drawSpecialNumbers({ sheet, label, value }: Brush, invoice: InvoiceSpecification): void {
  sheet.text(invoice.code ?? '', LEFT + 40, 74, { ...value, size: 30, color: '#33415c' });
  sheet.text('No', 800, 74, { ...label, size: 28 });
  sheet.text(invoice.number, 850, 74, { ...value, size: 30, color: '#33415c' });
  sheet.text(invoice.code ?? '', 940, 106, { ...value, size: 15, align: 'left' });
  sheet.text(invoice.number, 940, 128, { ...value, size: 15 });
  sheet.text('开票日期：', 800, 158, label);
  sheet.text(chineseDate(invoice.date), 890, 158, value);
}

function drawParty(brush: Brush, title: string, party: Party, top: number): void {
  const { sheet, rule, label, value } = brush;
  const bottom = top + PARTY_HEIGHT;
  sheet.line(LEFT, bottom, RIGHT, bottom, rule);
  sheet.line(LEFT + 36, top, LEFT + 36, bottom, rule);
  sheet.column(title, LEFT + 18, top + 14, bottom - 14, label);
  const rows = [
    ['名　　　　称：', party.name],
    ['纳税人识别号：', party.taxId],
    ['地 址、 电 话：', party.addressAndPhone],
    ['开户行及账号：', party.bankAndAccount],
  ] as const;
  rows.forEach(([name, content], index) => {
    const y = top + 28 + index * 30;
    sheet.text(name, LEFT + 46, y, label);
    if (content !== '') sheet.text(content, LEFT + 170, y, { ...value, maxWidth: 470 });
  });
}

function drawSide({ sheet, rule, label }: Brush, title: string, top: number): void {
  const bottom = top + PARTY_HEIGHT;
  sheet.line(692, top, 692, bottom, rule);
  sheet.line(726, top, 726, bottom, rule);
  sheet.column(title, 709, top + 14, bottom - 14, label);
}

function bodyHeight(sheet: Sheet, invoice: InvoiceSpecification): number {
  return 34 + Math.max(5 * ROW_HEIGHT, itemsHeight(sheet, COLUMNS, invoice.items)) + 40;
}

function drawBody(brush: Brush, invoice: InvoiceSpecification, top: number, bottom: number): void {
  const { sheet, rule, label, value } = brush;
  drawColumnTitles(sheet, COLUMNS, top + 24, label);
  for (const edge of COLUMNS.edges.slice(1, -1)) sheet.line(edge, top, edge, bottom, rule);
  drawItems(sheet, COLUMNS, invoice.items, top + 34);
  sheet.text('合　　计', 180, bottom - 12, { ...label, align: 'center' });
  const figures: TextStyle = { ...value, align: 'right' };
  sheet.text(withSign(invoice.netAmount), 828, bottom - 12, figures);
  sheet.text(withSign(invoice.taxAmount), 1072, bottom - 12, figures);
  sheet.line(LEFT, bottom, RIGHT, bottom, rule);
}

function drawWords(brush: Brush, invoice: InvoiceSpecification, top: number): void {
  const { sheet, rule, label, value } = brush;
  const y = top + 27;
  sheet.text('价税合计（大写）', 180, y, { ...label, align: 'center' });
  sheet.line(318, top, 318, top + 40, rule);
  sheet.text(`⊗${invoice.totalInWords}`, 334, y, { ...value, size: 18 });
  sheet.text('（小写）', 800, y, label);
  sheet.text(withSign(invoice.total), 880, y, { ...value, size: 18 });
  sheet.line(LEFT, top + 40, RIGHT, top + 40, rule);
}

function drawFooter(brush: Brush, invoice: InvoiceSpecification, bottom: number): void {
  const y = bottom + 30;
  drawLabelled(brush, '收款人：', invoice.payee, 60, y);
  drawLabelled(brush, '复核：', invoice.reviewer, 330, y);
  drawLabelled(brush, '开票人：', invoice.issuer, 560, y);
  brush.sheet.text('销售方：（章）', 830, y, brush.label);
  drawSeal(brush.sheet, {
    x: 930,
    y: bottom - 34,
    radiusX: 84,
    radiusY: 58,
    arc: invoice.seller.name.slice(0, 14),
    lines: ['发票专用章'],
    size: 14,
  });
}

function drawLabelled(brush: Brush, name: string, content: string, x: number, y: number): void {
  brush.sheet.text(name, x, y, brush.label);
  brush.sheet.text(content, x + brush.sheet.width(name, brush.label) + 2, y, brush.value);
}

export function chineseDate(date: string): string {
  const [year, month, day] = date.split('-');
  return `${year}年${month}月${day}日`;
}

export const withSign = (amount: string): string => (amount === '***' ? amount : `¥${amount}`);

const spaced = (digits: string): string => digits.replace(/(\d{5})(?=\d)/g, '$1 ');
