import type { CertificateFieldName } from '@trivium/contracts/certificates';
import { drawSeal } from '../drawing/draw-seal.js';
import { SANS, SERIF, type Sheet, type TextStyle } from '../drawing/sheet.js';
import { drawPortrait } from './draw-portrait.js';
import type { CertificateSpecification } from './specification.js';

export const LIST = { width: 1000, height: 1320 } as const;
export const TABLE = { width: 1360, height: 960 } as const;

const LABEL: TextStyle = { size: 27, family: SERIF };
const VALUE: TextStyle = { size: 27, family: SANS };

const ENTRIES: readonly (readonly [label: string, name: CertificateFieldName])[] = [
  ['姓　　名', 'name'],
  ['性　　别', 'sex'],
  ['出生日期', 'birthDate'],
  ['身份证号', 'idNumber'],
  ['专　　业', 'profession'],
  ['级　　别', 'level'],
  ['证书编号', 'certificateNumber'],
  ['批准日期', 'issueDate'],
  ['有效期至', 'expiryDate'],
  ['发证机关', 'issuer'],
];

/** Labels with colons, one below the other, the portrait beside them, a seal over the issuer. */
export function drawProfessionalList(
  sheet: Sheet,
  { title, printed, portraitSeed }: CertificateSpecification,
): void {
  sheet.box(34, 34, LIST.width - 34, LIST.height - 34, '#a23b32', 6);
  sheet.box(46, 46, LIST.width - 46, LIST.height - 46, '#a23b32', 1.5);
  sheet.text(title, LIST.width / 2, 170, {
    size: 50,
    family: SERIF,
    bold: true,
    align: 'center',
    color: '#8d2019',
  });
  ENTRIES.forEach(([label, name], index) => {
    const y = 310 + index * 84;
    sheet.text(`${label}：`, 110, y, LABEL);
    sheet.text(printed[name] ?? '', 270, y, VALUE);
  });
  drawPortrait(sheet, 690, 250, 200, 270, portraitSeed);
  drawSeal(sheet, {
    x: 640,
    y: 1080,
    radiusX: 92,
    radiusY: 92,
    arc: '示例专业资格评审委员会',
    lines: ['★'],
    size: 20,
  });
  sheet.text('本证书表明持证人通过考试，取得相应执业资格。', 110, 1210, { ...VALUE, size: 20 });
}

/** Ruled cells: the upper rows have labels to the left of their values, the lower one above them. */
export function drawProfessionalTable(
  sheet: Sheet,
  { title, printed, portraitSeed }: CertificateSpecification,
): void {
  sheet.text(title, TABLE.width / 2, 120, { size: 48, family: SERIF, bold: true, align: 'center' });
  const columns = [80, 240, 560, 720, 1030, 1280];
  const rows = [180, 270, 360, 450, 540, 650, 740];
  const rule = '#55606a';
  sheet.box(80, 180, 1280, 740, rule, 2.5);
  for (const y of rows.slice(1, -1)) sheet.line(80, y, y < 450 ? 1030 : 1280, y, rule);
  for (const x of columns.slice(1, -2)) sheet.line(x, 180, x, 450, rule);
  sheet.line(1030, 180, 1030, 450, rule);
  drawPortrait(sheet, 1060, 200, 190, 232, portraitSeed);
  const cell = (text: string, left: number, right: number, y: number, style: TextStyle): void =>
    sheet.text(text, (left + right) / 2, y, { ...style, align: 'center' });
  const pair = (label: string, value: string | undefined, column: number, row: number): void => {
    const y = (rows[row] ?? 0) + 55;
    cell(label, columns[column] ?? 0, columns[column + 1] ?? 0, y, LABEL);
    cell(value ?? '', columns[column + 1] ?? 0, columns[column + 2] ?? 0, y, VALUE);
  };
  pair('姓名', printed.name, 0, 0);
  pair('性别', printed.sex, 2, 0);
  pair('出生年月', printed.birthDate, 0, 1);
  pair('级别', printed.level, 2, 1);
  sheet.line(560, 360, 560, 450, '#ffffff', 0.1);
  pair('身份证号', printed.idNumber, 0, 2);
  pair('', '', 2, 2);
  const heads = [80, 420, 780, 1280];
  const below: readonly (readonly [string, string | undefined])[] = [
    ['专业类别', printed.profession],
    ['证书编号', printed.certificateNumber],
    ['有效期', printed.expiryDate],
  ];
  below.forEach(([label, value], index) => {
    const [left = 0, right = 0] = [heads[index], heads[index + 1]];
    if (index > 0) sheet.line(left, 450, left, 650, rule);
    cell(label, left, right, 505, LABEL);
    cell(value ?? '', left, right, 605, { ...VALUE, maxWidth: right - left - 20 });
  });
  sheet.text('发证机关', 110, 705, LABEL);
  sheet.text(printed.issuer ?? '', 250, 705, VALUE);
  sheet.text('发证日期', 760, 705, LABEL);
  sheet.text(printed.issueDate ?? '', 900, 705, VALUE);
  drawSeal(sheet, {
    x: 470,
    y: 800,
    radiusX: 88,
    radiusY: 88,
    arc: '示例省职称评审专用章',
    lines: ['★'],
    size: 19,
  });
}
