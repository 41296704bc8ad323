import { citizenCheckCharacter } from '@trivium/evidence/value';
import { type Random } from '../invoice/random.js';

export interface Person {
  readonly name: string;
  readonly surname: string;
  readonly givenNames: string;
  readonly sex: 'M' | 'F';
  /** `YYYY-MM-DD`. */
  readonly birthDate: string;
  readonly idNumber: string;
  readonly ethnicity: string;
  readonly address: string;
}

const SURNAMES = [
  ['陈', 'CHEN'],
  ['林', 'LIN'],
  ['周', 'ZHOU'],
  ['吴', 'WU'],
  ['徐', 'XU'],
  ['沈', 'SHEN'],
  ['韩', 'HAN'],
  ['顾', 'GU'],
  ['陆', 'LU'],
  ['欧阳', 'OUYANG'],
] as const;
const GIVEN = [
  ['明远', 'MINGYUAN'],
  ['思齐', 'SIQI'],
  ['若兰', 'RUOLAN'],
  ['建华', 'JIANHUA'],
  ['雨桐', 'YUTONG'],
  ['文博', 'WENBO'],
  ['静', 'JING'],
  ['志强', 'ZHIQIANG'],
  ['晓峰', 'XIAOFENG'],
  ['佳宁', 'JIANING'],
  ['浩', 'HAO'],
  ['秋实', 'QIUSHI'],
] as const;
const ETHNICITIES = ['汉', '汉', '汉', '回', '满', '壮', '土家', '蒙古'] as const;
const PLACES = [
  '样本省示例市范例区',
  '示范省样本市测试县',
  '范本自治区示例市样板区',
  '示例市样本区',
] as const;
const STREETS = ['样本路', '示例街道测试大道', '范本镇无名村', '测试新村东区'] as const;
/** No region has it, so the numbers are nobody's. */
const UNASSIGNED_REGIONS = ['990101', '990205', '980314'] as const;

export function inventPerson(random: Random): Person {
  const [surname, latinSurname] = random.pick(SURNAMES);
  const [given, latinGiven] = random.pick(GIVEN);
  const sex = random.pick(['M', 'F'] as const);
  const birthDate = inventDay(random, 1962, 2002);
  return {
    name: surname + given,
    surname: latinSurname,
    givenNames: latinGiven,
    sex,
    birthDate,
    idNumber: numberFor(random, birthDate, sex),
    ethnicity: random.pick(ETHNICITIES),
    address: `${random.pick(PLACES)}${random.pick(STREETS)}${random.integer(1, 980)}号${random.integer(1, 28)}幢${random.integer(101, 2604)}室`,
  };
}

export function inventDay(random: Random, from: number, to: number): string {
  const [year, month, day] = [random.integer(from, to), random.integer(1, 12), random.integer(1, 28)];
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function numberFor(random: Random, birthDate: string, sex: 'M' | 'F'): string {
  const last = random.integer(0, 4) * 2 + (sex === 'M' ? 1 : 0);
  const body = `${random.pick(UNASSIGNED_REGIONS)}${birthDate.replaceAll('-', '')}${random.digits(2)}${last}`;
  return body + citizenCheckCharacter(body);
}

/** The same number with another check character. */
export function spoilIdNumber(number: string): string {
  const last = '10X98765432'.indexOf(number.charAt(17));
  return number.slice(0, 17) + '10X98765432'.charAt((last + 4) % 11);
}

/** Another month, so that no single figure can be taken for the right one. */
export function otherDay(date: string): string {
  const month = (Number(date.slice(5, 7)) % 12) + 1;
  const year = Number(date.slice(0, 4)) - 3;
  return `${year}-${String(month).padStart(2, '0')}${date.slice(7)}`;
}
