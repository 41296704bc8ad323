import { SANS, type Sheet, type TextStyle } from '../drawing/sheet.js';
import { drawPortrait } from './draw-portrait.js';
import type { CertificateSpecification } from './specification.js';

const LABEL: TextStyle = { size: 25, family: SANS, color: '#3d6f9f' };
const VALUE: TextStyle = { size: 31, family: SANS };
const NUMBER: TextStyle = { size: 36, family: SANS };
const ADDRESS_WIDTH = 410;

export const CARD = { width: 1012, height: 638 } as const;

/** 居民身份证 with the portrait: labels in blue, the address broken over lines. */
export function drawCardFront(sheet: Sheet, { printed, portraitSeed }: CertificateSpecification): void {
  background(sheet, '#eef3f6');
  const label = (text: string, x: number, y: number): void => sheet.text(text, x, y, LABEL);
  label('姓 名', 70, 110);
  sheet.text(printed.name ?? '', 170, 112, { ...VALUE, size: 34 });
  label('性 别', 70, 182);
  sheet.text(printed.sex ?? '', 170, 184, VALUE);
  label('民 族', 268, 182);
  sheet.text(printed.ethnicity ?? '', 356, 184, VALUE);
  label('出 生', 70, 254);
  const [year = '', month = '', day = ''] = (printed.birthDate ?? '').split('-');
  sheet.text(year, 168, 256, VALUE);
  label('年', 252, 254);
  sheet.text(month, 296, 256, { ...VALUE, align: 'center' });
  label('月', 326, 254);
  sheet.text(day, 372, 256, { ...VALUE, align: 'center' });
  label('日', 400, 254);
  label('住 址', 70, 328);
  sheet.wrap(printed.address ?? '', ADDRESS_WIDTH, VALUE).forEach((line, index) => {
    sheet.text(line, 170, 330 + index * 44, VALUE);
  });
  label('公民身份号码', 70, 562);
  spaced(sheet, printed.idNumber ?? '', 330, 566, 27.5);
  drawPortrait(sheet, 650, 78, 290, 360, portraitSeed);
}

/** The side with the emblem. */
export function drawCardBack(sheet: Sheet, { printed }: CertificateSpecification): void {
  background(sheet, '#f1f3ee');
  const { context } = sheet;
  context.fillStyle = '#c33a2f';
  context.beginPath();
  context.ellipse(150, 150, 84, 84, 0, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = '#f0c75e';
  for (let point = 0; point < 5; point += 1) {
    const angle = (Math.PI * 2 * point) / 5 - Math.PI / 2;
    context.beginPath();
    context.ellipse(150 + Math.cos(angle) * 46, 150 + Math.sin(angle) * 46, 13, 13, 0, 0, Math.PI * 2);
    context.fill();
  }
  sheet.text('中华人民共和国', 330, 150, { size: 62, family: SANS });
  sheet.text('居民身份证', 330, 258, { size: 86, family: SANS });
  sheet.text('签发机关', 240, 484, { ...LABEL, size: 28, color: '#1a1a1a' });
  sheet.text(printed.issuer ?? '', 388, 486, VALUE);
  sheet.text('有效期限', 240, 560, { ...LABEL, size: 28, color: '#1a1a1a' });
  sheet.text(printed.expiryDate ?? '', 388, 562, VALUE);
}

function background(sheet: Sheet, color: string): void {
  const { context } = sheet;
  context.fillStyle = color;
  context.fillRect(0, 0, CARD.width, CARD.height);
  context.save();
  context.globalAlpha = 0.25;
  for (let wave = 0; wave < 22; wave += 1) {
    context.strokeStyle = wave % 2 === 0 ? '#9fbdd3' : '#d3b8bd';
    context.lineWidth = 1;
    context.beginPath();
    for (let x = 0; x <= CARD.width; x += 12) {
      const y = wave * 30 + Math.sin(x / 60 + wave) * 14;
      if (x === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  }
  context.restore();
  sheet.box(3, 3, CARD.width - 3, CARD.height - 3, '#b9c4cc', 2);
}

/** Figures at even distances, as the card has them. */
function spaced(sheet: Sheet, text: string, x: number, y: number, step: number): void {
  [...text].forEach((character, index) => {
    sheet.text(character, x + index * step, y, { ...NUMBER, align: 'left' });
  });
}
