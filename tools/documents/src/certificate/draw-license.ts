import { drawSeal } from '../drawing/draw-seal.js';
import { SANS, SERIF, type Sheet, type TextStyle } from '../drawing/sheet.js';
import type { CertificateSpecification } from './specification.js';

export const LICENSE = { width: 1480, height: 1060 } as const;

const LABEL: TextStyle = { size: 25, family: SERIF, bold: true };
const VALUE: TextStyle = { size: 25, family: SANS };
const LINE = 36;

/** 营业执照 in landscape: two columns of labels, the code in the corner, a seal over the date. */
export function drawLicense(sheet: Sheet, { title, printed }: CertificateSpecification): void {
  sheet.box(30, 30, LICENSE.width - 30, LICENSE.height - 30, '#b08a3e', 5);
  sheet.box(44, 44, LICENSE.width - 44, LICENSE.height - 44, '#b08a3e', 1.5);
  sheet.text('统一社会信用代码', 90, 120, { ...LABEL, size: 22 });
  sheet.text(printed.creditCode ?? '', 90, 154, { ...VALUE, size: 26 });
  sheet.text([...title].join('　'), LICENSE.width / 2, 210, {
    size: 78,
    family: SERIF,
    bold: true,
    align: 'center',
  });
  sheet.text('（副　本）', LICENSE.width / 2, 268, { ...LABEL, align: 'center' });
  const entry = (label: string, value: string, x: number, y: number, width: number): void => {
    const style: TextStyle = LABEL;
    const parts = [...label];
    parts.forEach((character, index) => {
      const step = parts.length === 1 ? 0 : (125 - style.size) / (parts.length - 1);
      sheet.text(character, x + index * step, y, style);
    });
    sheet
      .wrap(value, width, VALUE)
      .forEach((line, index) => sheet.text(line, x + 150, y + index * LINE, VALUE));
  };
  entry('名称', printed.name ?? '', 90, 350, 500);
  entry('类型', printed.companyType ?? '', 90, 430, 500);
  entry('法定代表人', printed.legalRepresentative ?? '', 90, 510, 500);
  entry('经营范围', printed.businessScope ?? '', 90, 590, 500);
  entry('注册资本', printed.registeredCapital ?? '', 790, 350, 420);
  entry('成立日期', printed.establishedDate ?? '', 790, 430, 420);
  entry('营业期限', printed.expiryDate ?? '', 790, 510, 480);
  entry('住所', printed.address ?? '', 790, 590, 420);
  sheet.text('登记机关', 960, 830, { ...LABEL, size: 30 });
  drawSeal(sheet, {
    x: 1190,
    y: 850,
    radiusX: 105,
    radiusY: 105,
    arc: '示例市市场监督管理局',
    lines: ['★'],
    size: 22,
  });
  sheet.text(printed.issueDate ?? '', 1030, 960, VALUE);
  sheet.text('国家企业信用信息公示系统网址：http://www.gsxt.example', 90, LICENSE.height - 60, {
    ...VALUE,
    size: 17,
  });
}
