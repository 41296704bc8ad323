import { expect, it } from 'vitest';
import { normalizeField } from './normalize-field.js';

it.each([
  ['sex', '女/F', 'F'],
  ['sex', '男', 'M'],
  ['sex', 'unclear', null],
  ['birthDate', '1992 年10 月20 日', '1992-10-20'],
  ['birthDate', '1987年09月', '1987-09'],
  ['birthDate', '2023年02月30日', null],
  ['birthDate', '02 JUL 1970', '1970-07-02'],
  ['birthDate', '12 5月/MAY 2015', '2015-05-12'],
  ['issueDate', '2025.09.23-2035.09.23', '2025-09-23'],
  ['expiryDate', '2025.09.23-2035.09.23', '2035-09-23'],
  ['expiryDate', '2025.09.23-长期', '9999-12-31'],
  ['idNumber', '98O3 1419 9509 2016 3x', '98031419950920163X'],
  ['idNumber', '1234', null],
  ['certificateNumber', '第SY2016-2104号', 'SY2016-2104'],
  ['issuer', '范例省应急管理厅例', '范例省应急管理厅'],
  ['passportNumber', 'GB4199298', 'GB4199298'],
] as const)('%s of %j is %j', (name, text, normalized) => {
  expect(normalizeField(name, text)).toBe(normalized);
});
