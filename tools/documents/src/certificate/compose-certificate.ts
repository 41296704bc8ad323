import { Random } from '../invoice/random.js';
import { inventTaxId, spoilTaxId } from '../invoice/tax-id.js';
import { BUSINESSES, TRADE_NAMES } from '../invoice/catalogue.js';
import { consequence } from './consequence.js';
import { addYears, chineseDay } from './dates.js';
import { composePassport } from './compose-passport.js';
import { composeProfessional } from './compose-professional.js';
import { inventDay, inventPerson, otherDay, spoilIdNumber } from './people.js';
import type { CertificateLayout, ComposedCertificate, Forgery } from './specification.js';

/** Which forgeries a layout can carry: what it does not print it cannot misstate. */
export const FORGERIES = {
  'professional-list': ['wrong-check-digit', 'other-birth-date', 'expired'],
  'professional-table': ['wrong-check-digit', 'other-birth-date', 'expired'],
  'identity-card-front': ['wrong-check-digit', 'other-birth-date'],
  'identity-card-back': ['expired'],
  'business-license': ['wrong-check-digit', 'expired'],
  passport: ['wrong-check-digit', 'other-birth-date', 'expired'],
} as const satisfies Record<CertificateLayout, readonly Forgery[]>;

/** The same seed gives the same certificate; a forgery makes one statement on it untrue. */
export function composeCertificate(
  seed: number,
  layout: CertificateLayout,
  forgery: Forgery | null,
): ComposedCertificate {
  return COMPOSERS[layout](new Random(seed), forgery, layout);
}

type Composer = (random: Random, forgery: Forgery | null, layout: CertificateLayout) => ComposedCertificate;

const COMPOSERS = {
  'professional-list': composeProfessional,
  'professional-table': composeProfessional,
  'identity-card-front': composeFront,
  'identity-card-back': composeBack,
  'business-license': composeLicense,
  passport: composePassport,
} as const satisfies Record<CertificateLayout, Composer>;

function composeFront(random: Random, forgery: Forgery | null): ComposedCertificate {
  const person = inventPerson(random);
  const idNumber = forgery === 'wrong-check-digit' ? spoilIdNumber(person.idNumber) : person.idNumber;
  const birthDate = forgery === 'other-birth-date' ? otherDay(person.birthDate) : person.birthDate;
  const [year = '', month = '', day = ''] = birthDate.split('-');
  const { name, sex, ethnicity, address } = person;
  return {
    specification: {
      layout: 'identity-card-front',
      kind: 'identity-card-front',
      title: '',
      printed: {
        name,
        sex: sex === 'M' ? '男' : '女',
        ethnicity,
        birthDate: `${year}-${Number(month)}-${Number(day)}`,
        address,
        idNumber,
      },
      portraitSeed: random.integer(1, 1e6),
    },
    fields: { name, sex, ethnicity, birthDate, address, idNumber },
    ...consequence(forgery, 'id-number-check-digit', 'birth-date-matches-id-number'),
  };
}

function composeBack(random: Random, forgery: Forgery | null): ComposedCertificate {
  const issuer = `${random.pick(['示例市公安局样本分局', '样本县公安局', '范例市公安局'])}`;
  const issueDate = forgery === 'expired' ? inventDay(random, 2004, 2005) : inventDay(random, 2017, 2025);
  const permanent = forgery === null && random.next() < 0.2;
  const years = forgery === 'expired' ? 10 : random.pick([10, 20] as const);
  const expiryDate = permanent ? '9999-12-31' : addYears(issueDate, years);
  const until = permanent ? '长期' : expiryDate.replaceAll('-', '.');
  return {
    specification: {
      layout: 'identity-card-back',
      kind: 'identity-card-back',
      title: '居民身份证',
      printed: { issuer, expiryDate: `${issueDate.replaceAll('-', '.')}-${until}` },
      portraitSeed: 0,
    },
    fields: { issuer, issueDate, expiryDate },
    ...consequence(forgery, 'not-expired', 'not-expired'),
  };
}

function composeLicense(random: Random, forgery: Forgery | null): ComposedCertificate {
  const honest = inventTaxId(random);
  const creditCode = forgery === 'wrong-check-digit' ? spoilTaxId(honest) : honest;
  const name = `示例市${random.pick(TRADE_NAMES)}${random.pick(BUSINESSES)}`;
  const companyType = random.pick(['有限责任公司', '有限责任公司(自然人独资)', '股份有限公司']);
  const legalRepresentative = inventPerson(random).name;
  const registeredCapital = `${random.pick(['壹佰', '伍佰', '贰仟', '叁佰'])}万元整`;
  const establishedDate = inventDay(random, 2006, 2013);
  const expired = forgery === 'expired';
  const permanent = !expired && random.next() < 0.3;
  const expiryDate = permanent ? '9999-12-31' : addYears(establishedDate, expired ? 10 : 30);
  const address = inventPerson(random).address;
  const issueDate = addYears(establishedDate, 4);
  const businessScope =
    '计算机软硬件的技术开发、技术咨询；办公用品、电子产品的销售；会议及展览服务。（依法须经批准的项目，经相关部门批准后方可开展经营活动）';
  return {
    specification: {
      layout: 'business-license',
      kind: 'business-license',
      title: '营业执照',
      printed: {
        creditCode,
        name,
        companyType,
        legalRepresentative,
        registeredCapital,
        address,
        businessScope,
        establishedDate: chineseDay(establishedDate),
        expiryDate: permanent ? '长期' : `${chineseDay(establishedDate)}至${chineseDay(expiryDate)}`,
        issueDate: chineseDay(issueDate),
      },
      portraitSeed: 0,
    },
    fields: {
      creditCode,
      name,
      companyType,
      legalRepresentative,
      registeredCapital,
      address,
      establishedDate,
      expiryDate,
      issueDate,
    },
    ...consequence(forgery, 'credit-code-check-digit', 'not-expired'),
  };
}
