import { SANS, SERIF, Sheet, type TextStyle } from '../drawing/sheet.js';

export interface Picture {
  readonly png: Buffer;
  /** The lines in reading order, as a careful reader would write them down. */
  readonly lines: readonly string[];
}

const NOTICE = [
  ['RIVERSIDE READING ROOM', 34],
  ['Notice to all members', 24],
  ['The reading room will be closed on Friday,', 20],
  ['14 March 2025, while the shelves are repaired.', 20],
  ['Books that fall due that day may be returned', 20],
  ['until Monday without any charge.', 20],
  ['Opening hours', 24],
  ['Monday to Friday   9:00 - 18:30', 20],
  ['Saturday   10:00 - 16:00', 20],
  ['Late return fee: $0.25 per day', 20],
  ['Questions? desk@reading-room.example', 20],
] as const;

/** A typed English notice: one column, sizes from 20 to 34. */
export function drawNotice(): Picture {
  const { sheet, canvas } = Sheet.create(720, 560, 1, '#fbf9f2');
  sheet.box(16, 16, 704, 544, '#2f4858', 3);
  let y = 72;
  for (const [line, size] of NOTICE) {
    const style: TextStyle = { size, family: SERIF, bold: size > 20, color: '#222222' };
    sheet.text(line, size === 34 ? 360 : 56, y, { ...style, align: size === 34 ? 'center' : 'left' });
    y += size > 20 ? 50 : 40;
  }
  return { png: canvas.toBuffer('image/png'), lines: NOTICE.map(([line]) => line) };
}

const LEFT_COLUMN = [
  '图书馆周末开放通知',
  '自三月一日起，本馆周六',
  '与周日照常开放，时间为',
  '上午九点至下午五点。',
  '借书请带好借书证，',
  '每人每次可借六册。',
];

const RIGHT_COLUMN = [
  'Weekend opening hours',
  'From 1 March the library',
  'is open on Saturday and',
  'Sunday from 9 am to 5 pm.',
  'Please bring your card;',
  'six books each at a time.',
];

/** Two columns close together, Chinese beside English: their lines must not be joined. */
export function drawTwoColumns(): Picture {
  const { sheet, canvas } = Sheet.create(820, 400, 1, '#ffffff');
  const draw = (lines: readonly string[], x: number, family: string): void => {
    lines.forEach((line, index) => {
      const y = index === 0 ? 66 : 80 + index * 50;
      sheet.text(line, x, y, { size: index === 0 ? 28 : 23, family, color: '#1d1d1f' });
    });
  };
  draw(LEFT_COLUMN, 56, SANS);
  draw(RIGHT_COLUMN, 436, SERIF);
  const lines = LEFT_COLUMN.flatMap((line, index) => [line, RIGHT_COLUMN[index] ?? '']);
  return { png: canvas.toBuffer('image/png'), lines };
}
