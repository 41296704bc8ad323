import { BUSINESSES, CITIES, TRADE_NAMES } from '../invoice/catalogue.js';
import type { Random } from '../invoice/random.js';

/** A day on which such documents were in use. */
export function inventDate(random: Random): string {
  return `${random.integer(2021, 2025)}-${pad(random.integer(1, 12))}-${pad(random.integer(1, 28))}`;
}

/** 12 digits, the first 0 or 1, then the province and the year. */
export function inventCode(random: Random, first: '0' | '1', province: string, date: string): string {
  return `${first}${province}00${date.slice(2, 4)}${random.digits(5)}`;
}

export function inventCompany(random: Random): string {
  return random.pick(CITIES).prefix + random.pick(TRADE_NAMES) + random.pick(BUSINESSES);
}

/** The number that replaced code and number in 2021: year, region, channel and sequence, 20 digits. */
export function inventDigitalNumber(random: Random, province: string, date: string): string {
  return `${date.slice(2, 4)}${province}${random.integer(1, 9)}${random.digits(15)}`;
}

const SURNAMES = [...'赵钱孙李周吴郑王冯陈'] as const;
const GIVEN_NAMES = ['样本', '示例', '测甲', '范乙', '试丙', '小样', '例丁'] as const;

export const inventPerson = (random: Random): string => random.pick(SURNAMES) + random.pick(GIVEN_NAMES);

/** An identity card number with its middle starred out, as tickets print it. */
export function inventStarredId(random: Random): string {
  const region = random.pick(['310115', '330106', '440305', '110108', '510107']);
  return `${region}${random.integer(1955, 2004)}****${random.digits(3)}${random.pick([...'0123456789X'])}`;
}

export const pad = (value: number): string => String(value).padStart(2, '0');

/** `HH:MM` of minutes since midnight. */
export const clock = (minutes: number): string =>
  `${pad(Math.floor(minutes / 60) % 24)}:${pad(minutes % 60)}`;
