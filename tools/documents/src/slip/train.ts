import { CITIES } from '../invoice/catalogue.js';
import { decimal } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { inventTaxId } from '../invoice/tax-id.js';
import { drawMatrix } from '../drawing/draw-matrix.js';
import { drawSeal } from '../drawing/draw-seal.js';
import { chineseDate } from '../drawing/draw-vat-invoice.js';
import { SANS, SERIF, type Sheet, type TextStyle } from '../drawing/sheet.js';
import { type ComposedDocument, truthOfStatement } from '../document/document.js';
import {
  clock,
  inventCompany,
  inventDate,
  inventDigitalNumber,
  inventPerson,
  inventStarredId,
} from './invent.js';

/** Stations that exist, since the names are what must be read; trains between them are invented. */
const STATIONS = [
  ['北京南', 'Beijingnan'],
  ['上海虹桥', 'Shanghaihongqiao'],
  ['杭州东', 'Hangzhoudong'],
  ['苏州北', 'Suzhoubei'],
  ['广州南', 'Guangzhounan'],
  ['成都东', 'Chengdudong'],
  ['武汉', 'Wuhan'],
  ['宁波', 'Ningbo'],
  ['昆山南', 'Kunshannan'],
  ['南京', 'Nanjing'],
] as const;

interface Journey {
  readonly from: readonly [string, string];
  readonly to: readonly [string, string];
  readonly train: string;
  readonly date: string;
  readonly time: string;
  readonly seat: string;
  readonly seatClass: string;
  readonly person: string;
  readonly personId: string;
  readonly fare: number;
}

function inventJourney(random: Random): Journey {
  const from = random.pick(STATIONS);
  const to = random.pick(STATIONS.filter((station) => station !== from));
  const seatClass = random.pick(['二等座', '一等座', '二等座', '商务座']);
  return {
    from,
    to,
    train: `${random.pick([...'GDC'])}${random.integer(1, 9999)}`,
    date: inventDate(random),
    time: clock(random.integer(360, 1380)),
    seat: `${String(random.integer(1, 16)).padStart(2, '0')}车${String(random.integer(1, 18)).padStart(2, '0')}${random.pick([...'ABCDF'])}号`,
    seatClass,
    person: inventPerson(random),
    personId: inventStarredId(random),
    fare: random.integer(40, 1900) * 50,
  };
}

const detailsOf = (journey: Journey) => ({
  trainNumber: journey.train,
  departureStation: journey.from[0],
  arrivalStation: journey.to[0],
  departureDate: journey.date,
  departureTime: journey.time,
  seat: journey.seat,
  seatClass: journey.seatClass,
  passengerName: journey.person,
  passengerId: journey.personId,
});

const printedOf = (journey: Journey): string[] => [
  journey.train,
  journey.from[0],
  journey.to[0],
  chineseDate(journey.date),
  journey.time,
  journey.seat,
  journey.seatClass,
  journey.person,
  journey.personId,
];

/** The blue magnetic ticket, or the pink one of older printers. */
export function composeTrain(seed: number): ComposedDocument {
  const random = new Random(seed);
  const journey = inventJourney(random);
  const pink = random.next() < 0.4;
  const serial = random.pick([...'ABCEFGJKLMZ']) + random.digits(6);
  const fare = `${(journey.fare / 100).toFixed(1)}`;
  const strip = `${random.digits(14)}${serial}`;
  const family = random.pick([SANS, SERIF]);
  const gate = `${random.pick(['A', 'B', ''])}${random.integer(1, 28)}`;
  const sold = random.pick(['网', '网折', '']);
  const noise = random.integer(1, 1e9);
  return {
    width: 856,
    height: 540,
    paper: pink ? '#f6dfe0' : '#dcebf3',
    stampAt: [420, 330],
    truth: truthOfStatement({
      kind: 'train',
      documentType: '火车票',
      fields: { number: serial, total: decimal(journey.fare) },
      details: detailsOf(journey),
      printed: [...printedOf(journey), serial, fare],
    }),
    draw(sheet) {
      drawWaves(sheet, pink ? '#eebfc2' : '#b9d6e6');
      const text = (value: string, x: number, y: number, style: Partial<TextStyle> = {}): void => {
        sheet.text(value, x, y, { size: 27, family, color: '#20242a', ...style });
      };
      text(serial, 54, 62, { size: 34, color: '#c2483f', family: SANS });
      text(`检票:${gate}`, 640, 60, { size: 26 });
      const station = ([name, latin]: readonly [string, string], x: number): void => {
        text(name, x, 120, { size: 42, bold: true, align: 'right', maxWidth: 190 });
        text('站', x + 8, 118, { size: 28 });
        text(latin, x - 60, 152, { size: 22, align: 'center', family: SERIF });
      };
      station(journey.from, 260);
      station(journey.to, 730);
      text(journey.train, 430, 116, { size: 40, align: 'center', family: SERIF });
      sheet.line(340, 132, 520, 132, '#20242a', 2);
      sheet.line(506, 124, 520, 132, '#20242a', 2);
      const [year = '', month = '', day = ''] = journey.date.split('-');
      text(`${year}年${month}月${day}日${journey.time}开`, 56, 206);
      text(journey.seat, 560, 206);
      text(`￥${fare}元`, 56, 252, { size: 30 });
      text(sold, 320, 250, { size: 24 });
      text(journey.seatClass, 590, 252);
      text('限乘当日当次车', 56, 300, { size: 25 });
      text(`${journey.personId}${pink ? ' ' : ''}${journey.person}`, 56, 366, { size: 28 });
      text('买票请到12306 发货请到95306', 110, 424, { size: 22 });
      text('中国铁路祝您旅途愉快', 160, 454, { size: 22 });
      sheet.line(56, 398, 640, 398, '#5f6b73', 1);
      sheet.line(56, 470, 640, 470, '#5f6b73', 1);
      text(strip, 56, 514, { size: 24, family: SANS });
      drawMatrix(sheet, new Random(noise), 664, 340, 150);
    },
  };
}

/** The 数电票 for railway journeys, which replaced the paper ticket in 2024. */
export function composeElectronicTrain(seed: number): ComposedDocument {
  const random = new Random(seed);
  const journey = inventJourney(random);
  const city = random.pick(CITIES);
  const date = journey.date;
  const number = inventDigitalNumber(random, city.code, date);
  const ticket = random.digits(20) + random.pick([...'ABCDEFG']);
  const buyer = { name: inventCompany(random), taxId: inventTaxId(random) };
  const family = random.pick([SANS, SERIF]);
  const fare = decimal(journey.fare);
  const noise = random.integer(1, 1e9);
  const title = '电子发票（铁路电子客票）';
  return {
    width: 1000,
    height: 660,
    paper: '#ffffff',
    stampAt: [420, 420],
    truth: truthOfStatement({
      kind: 'train-electronic',
      documentType: title,
      fields: { number, date, buyerName: buyer.name, buyerTaxId: buyer.taxId, total: fare },
      details: { ...detailsOf(journey), ticketNumber: ticket },
      printed: [...printedOf(journey), number, fare, ticket, buyer.name, buyer.taxId],
    }),
    draw(sheet) {
      const rule = '#97482f';
      const text = (value: string, x: number, y: number, style: Partial<TextStyle> = {}): void => {
        sheet.text(value, x, y, { size: 22, family, ...style });
      };
      sheet.text(title, 500, 66, { size: 32, color: rule, align: 'center' });
      sheet.line(300, 82, 700, 82, rule, 1.5);
      sheet.line(300, 88, 700, 88, rule, 1.5);
      drawSeal(sheet, {
        x: 500,
        y: 96,
        radiusX: 72,
        radiusY: 40,
        arc: '全国统一发票监制章',
        lines: ['国家税务总局', city.region],
        size: 11,
      });
      text(`发票号码:${number}`, 50, 128);
      text(`开票日期:${chineseDate(date)}`, 690, 128);
      sheet.box(40, 146, 960, 620, rule, 1.5);
      text(`${journey.from[0]}站`, 250, 212, { size: 36, bold: true, align: 'center' });
      text(`${journey.to[0]}站`, 740, 212, { size: 36, bold: true, align: 'center' });
      text(journey.from[1], 250, 244, { size: 20, align: 'center' });
      text(journey.to[1], 740, 244, { size: 20, align: 'center' });
      text(journey.train, 496, 206, { size: 34, align: 'center' });
      sheet.line(420, 220, 570, 220, '#333333', 2);
      text(chineseDate(date), 60, 300);
      text(`${journey.time}开`, 260, 300);
      text(journey.seat, 520, 300);
      text(journey.seatClass, 760, 300);
      text(`票价:￥${fare}`, 60, 352);
      text(`${journey.personId}`, 60, 404);
      text(journey.person, 420, 404);
      text(`电子客票号:${ticket}`, 60, 456);
      sheet.line(40, 490, 960, 490, rule);
      text(`购买方名称:${buyer.name}`, 60, 530);
      text(`统一社会信用代码:${buyer.taxId}`, 560, 530, { size: 20 });
      text('买票请到12306 发货请到95306', 60, 580, { size: 20, color: rule });
      text('中国铁路祝您旅途愉快', 420, 580, { size: 20, color: rule });
      drawMatrix(sheet, new Random(noise), 800, 330, 130);
    },
  };
}

/** The fine waves of security paper. */
function drawWaves(sheet: Sheet, color: string): void {
  const { context } = sheet;
  context.strokeStyle = color;
  context.lineWidth = 0.8;
  for (let line = 0; line < 44; line += 1) {
    context.beginPath();
    for (let x = 0; x <= 856; x += 8) {
      const y = line * 13 + 7 * Math.sin(x / 46 + line / 3);
      if (x === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  }
}
