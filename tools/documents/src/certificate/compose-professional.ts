import { type Random } from '../invoice/random.js';
import { consequence } from './consequence.js';
import { addYears, chineseDay } from './dates.js';
import { inventDay, inventPerson, otherDay, spoilIdNumber } from './people.js';
import type { CertificateLayout, ComposedCertificate, Forgery } from './specification.js';

const TITLES = [
  '一级建造师执业资格证书',
  '专业技术职务任职资格证书',
  '注册安全工程师职业资格证书',
  '电气工程师职称证书',
  '特种作业操作证',
] as const;
const PROFESSIONS = [
  '建筑工程',
  '机电工程',
  '电气自动化',
  '软件工程',
  '市政公用工程',
  '岩土工程',
  '低压电工作业',
] as const;
const LEVELS = ['高级工程师', '工程师', '助理工程师', '一级', '二级'] as const;
const ISSUERS = ['示例省人力资源和社会保障厅', '样本市住房和城乡建设局', '范例省应急管理厅'] as const;

export function composeProfessional(
  random: Random,
  forgery: Forgery | null,
  layout: CertificateLayout,
): ComposedCertificate {
  const person = inventPerson(random);
  const idNumber = forgery === 'wrong-check-digit' ? spoilIdNumber(person.idNumber) : person.idNumber;
  const birth = forgery === 'other-birth-date' ? otherDay(person.birthDate) : person.birthDate;
  const birthDate = layout === 'professional-table' ? birth.slice(0, 7) : birth;
  const expired = forgery === 'expired';
  const issueDate = expired ? inventDay(random, 2015, 2018) : inventDay(random, 2024, 2025);
  const expiryDate = addYears(issueDate, expired ? 6 : 5);
  const certificateNumber = `${random.pick(['GC', 'ZJ', 'A', 'SY'])}${issueDate.slice(0, 4)}${random.digits(8)}`;
  const { name, sex } = person;
  const profession = random.pick(PROFESSIONS);
  const level = random.pick(LEVELS);
  const issuer = random.pick(ISSUERS);
  const [year = '', month = ''] = birthDate.split('-');
  return {
    specification: {
      layout,
      kind: 'professional-certificate',
      title: random.pick(TITLES),
      printed: {
        name,
        sex: sex === 'M' ? '男' : '女',
        birthDate: layout === 'professional-table' ? `${year}年${month}月` : chineseDay(birthDate),
        idNumber,
        certificateNumber,
        profession,
        level,
        issuer,
        issueDate: chineseDay(issueDate),
        expiryDate:
          layout === 'professional-table'
            ? `${chineseDay(issueDate)}至${chineseDay(expiryDate)}`
            : chineseDay(expiryDate),
      },
      portraitSeed: random.integer(1, 1e6),
    },
    fields: {
      name,
      sex,
      birthDate,
      idNumber,
      certificateNumber,
      profession,
      level,
      issuer,
      issueDate,
      expiryDate,
    },
    ...consequence(forgery, 'id-number-check-digit', 'birth-date-matches-id-number'),
  };
}
