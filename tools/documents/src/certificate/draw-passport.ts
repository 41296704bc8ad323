import { GlobalFonts } from '@napi-rs/canvas';
import { SANS, SERIF, type Sheet, type TextStyle } from '../drawing/sheet.js';
import { drawPortrait } from './draw-portrait.js';
import type { CertificateSpecification } from './specification.js';

export const PASSPORT = { width: 1250, height: 880 } as const;

const MONO = 'Sample Mono';
const LABEL: TextStyle = { size: 19, family: SANS, color: '#49617a' };
const VALUE: TextStyle = { size: 27, family: SERIF };
/** Advance of one character of the machine-readable zone. */
const STEP = 26.2;

/** `directory` holds the Liberation fonts under the names that Debian gives them. */
export function registerMonospace(directory: string): void {
  if (GlobalFonts.registerFromPath(`${directory}/LiberationMono-Regular.ttf`, MONO) === null) {
    throw new Error(`no font LiberationMono-Regular.ttf in ${directory}`);
  }
}

/** The data page: labels in two languages above their values, the machine-readable zone below. */
export function drawPassport(sheet: Sheet, { title, printed, portraitSeed }: CertificateSpecification): void {
  const { context } = sheet;
  context.fillStyle = '#f2efe6';
  context.fillRect(0, 0, PASSPORT.width, PASSPORT.height);
  context.save();
  context.globalAlpha = 0.2;
  for (let ring = 0; ring < 14; ring += 1) {
    context.strokeStyle = '#b7a27a';
    context.beginPath();
    context.ellipse(760, 380, 60 + ring * 30, 40 + ring * 22, 0.3, 0, Math.PI * 2);
    context.stroke();
  }
  context.restore();
  sheet.text(title, 80, 90, { size: 40, family: SANS, color: '#7c2a24' });
  const entry = (label: string, value: string | undefined, x: number, y: number): void => {
    sheet.text(label, x, y, LABEL);
    sheet.text(value ?? '', x, y + 36, VALUE);
  };
  entry('类型/Type', 'P', 400, 140);
  entry('国家码/Country Code', printed.nationality, 560, 140);
  entry('护照号/Passport No.', printed.passportNumber, 860, 140);
  entry('姓/Surname', printed.surname, 400, 225);
  entry('名/Given names', printed.givenNames, 400, 310);
  entry('性别/Sex', printed.sex, 400, 395);
  entry('国籍/Nationality', 'UTOPIAN', 560, 395);
  entry('出生日期/Date of birth', printed.birthDate, 860, 395);
  entry('出生地点/Place of birth', printed.placeOfBirth, 400, 480);
  entry('签发日期/Date of issue', printed.issueDate, 860, 480);
  entry('签发机关/Authority', printed.issuer, 400, 565);
  entry('有效期至/Date of expiry', printed.expiryDate, 860, 565);
  drawPortrait(sheet, 80, 150, 270, 350, portraitSeed);
  for (const [index, line] of [printed.mrzLine1, printed.mrzLine2].entries()) {
    [...(line ?? '')].forEach((character, column) => {
      sheet.text(character, 48 + column * STEP, 740 + index * 64, { size: 34, family: MONO });
    });
  }
}
