import { CITIES } from '../invoice/catalogue.js';
import { decimal } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { drawSeal } from '../drawing/draw-seal.js';
import { MONO, SANS, SERIF, type TextStyle } from '../drawing/sheet.js';
import { type ComposedDocument, truthOfStatement } from '../document/document.js';
import { clock, inventCode, inventDate } from './invent.js';

const PLATES = { 31: '沪', 33: '浙', 32: '苏', 44: '粤', 11: '京', 51: '川', 42: '鄂' } as const;

/** A narrow slip from the meter: printed labels at the left, dots at the right, or all from the meter. */
export function composeTaxi(seed: number): ComposedDocument {
  const random = new Random(seed);
  const city = random.pick(CITIES);
  const date = inventDate(random);
  const code = inventCode(random, '1', city.code, date);
  const number = random.digits(8);
  const letters = [...'ABCDEFGHJK'];
  const plate = `${PLATES[city.code]}${random.pick(letters)}${random.pick(['-', '·', ''])}${random.pick(letters)}${random.digits(4)}`;
  const boarding = random.integer(360, 1380);
  const minutes = random.integer(6, 55);
  const times = [clock(boarding), clock(boarding + minutes)] as const;
  const price = (random.integer(20, 36) / 10).toFixed(2);
  const distance = (random.integer(12, 480) / 10).toFixed(1);
  const fare = random.integer(13, 180) * 100;
  const preprinted = random.next() < 0.5;
  const ink = random.pick([MONO, SANS]);
  const units = random.next() < 0.7;
  const title = `${city.region}${preprinted ? '市出租汽车专用发票' : '出租汽车统一发票'}`;
  const rows: readonly (readonly [string, string])[] = [
    ['车号', plate],
    ['证号', random.digits(6)],
    ['日期', date],
    ['上车', times[0]],
    ['下车', times[1]],
    ['单价', units ? `${price}元` : price],
    ['里程', units ? `${distance}km` : distance],
    ['等候', `00:0${random.integer(0, 9)}:${random.integer(10, 59)}`],
    ['金额', units ? `${decimal(fare)}元` : `￥${decimal(fare)}`],
  ];
  return {
    width: 400,
    height: 860,
    paper: '#fbfaf5',
    stampAt: [220, 420],
    truth: truthOfStatement({
      kind: 'taxi',
      documentType: '出租汽车发票',
      fields: { code, number, date, total: decimal(fare) },
      details: {
        plateNumber: plate.replace(/[-·]/, ''),
        boardingTime: times[0],
        alightingTime: times[1],
        unitPrice: price,
        distance,
      },
      printed: [code, number, plate, date, ...times, price, distance, decimal(fare)],
    }),
    draw(sheet) {
      const label: TextStyle = { size: 22, color: preprinted ? '#8b2f2a' : '#2a2a2e', family: SERIF };
      const red: TextStyle = { size: 23, color: '#a33a32', family: SERIF, align: 'center', maxWidth: 340 };
      sheet.text(title, 200, 62, { ...red, size: 25 });
      sheet.text('发 票 联', 200, 104, red);
      drawSeal(sheet, {
        x: 200,
        y: 112,
        radiusX: 74,
        radiusY: 46,
        arc: '全国统一发票监制章',
        lines: [city.region, '税务局监制'],
        size: 12,
      });
      sheet.text('发票代码', 40, 196, { ...label, color: '#8b2f2a' });
      sheet.text(code, 150, 196, { size: 23, family: SANS, color: '#33415c' });
      sheet.text('发票号码', 40, 236, { ...label, color: '#8b2f2a' });
      sheet.text(number, 150, 236, { size: 23, family: SANS, color: '#33415c' });
      rows.forEach(([name, value], index) => {
        const y = 300 + index * 48;
        const gap = preprinted ? '' : ':';
        sheet.text(`${name}${gap}`, 52, y, label);
        sheet.text(value, preprinted ? 350 : 130, y, {
          size: 24,
          family: ink,
          color: '#2b2b33',
          align: preprinted ? 'right' : 'left',
        });
      });
      sheet.text('手写无效  当日有效', 200, 770, { ...red, size: 19 });
      sheet.text(`服务监督电话 ${random.digits(5)}`, 200, 806, { ...red, size: 19 });
    },
  };
}
