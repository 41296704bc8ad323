import type { DocumentField } from '@trivium/contracts/invoice';
import { expectedCheckCharacter, judgeTaxId } from '../value/tax-id.js';
import { type CheckedInvoice, failed, type Finding, notApplicable, passed } from './finding.js';
import { isCommercial, isDigital, isSpecial, KIND_RULES } from './kind-rules.js';

/** Lengths, check digits and the calendar. */
export function checkFormats(invoice: CheckedInvoice, today: string): Finding[] {
  const { fields } = invoice;
  return [
    checkCode(invoice),
    checkNumber(invoice),
    checkCheckCode(invoice),
    checkTaxId('buyer-tax-id', fields.buyerTaxId),
    checkTaxId('seller-tax-id', fields.sellerTaxId),
    checkDate(invoice, today),
  ];
}

function checkCode({ fields, kind, contradictions }: CheckedInvoice): Finding {
  const id = 'code-format';
  if (isDigital(kind)) return notApplicable(id, 'A fully digital invoice has no code.');
  if (contradictions.includes('code')) return contradicted(id, fields.code);
  return checkDigits(id, fields.code, /^(\d{10}|\d{12})$/, '10 or 12 digits');
}

function checkNumber({ fields, kind, contradictions }: CheckedInvoice): Finding {
  const id = 'number-format';
  if (contradictions.includes('number')) return contradicted(id, fields.number);
  const { number } = KIND_RULES[kind];
  return number === null
    ? notApplicable(id, 'Numbers of this kind have no form of their own.')
    : checkDigits(id, fields.number, number.form, number.words);
}

function checkCheckCode({ fields, kind }: CheckedInvoice): Finding {
  const id = 'check-code-format';
  if (isDigital(kind) || isSpecial(kind)) {
    return notApplicable(id, 'This kind of invoice has no check code.');
  }
  return checkDigits(id, fields.checkCode, /^\d{20}$/, '20 digits');
}

function contradicted(id: 'code-format' | 'number-format', field: DocumentField | null): Finding {
  return failed(id, 'The value is printed twice on the page and the two readings differ.', {
    ...(field?.normalized == null ? {} : { actual: field.normalized }),
    confidence: field?.confidence ?? 0,
    grave: false,
  });
}

function checkDigits(
  id: 'code-format' | 'number-format' | 'check-code-format',
  field: DocumentField | null,
  form: RegExp,
  expected: string,
): Finding {
  if (field === null) return notApplicable(id, 'The value was not read.');
  const actual = field.normalized ?? field.value;
  return form.test(actual)
    ? passed(id, `The value has ${expected}.`, field.confidence)
    : failed(id, `The value must have ${expected}.`, {
        expected,
        actual,
        confidence: field.confidence,
        grave: false,
      });
}

function checkTaxId(id: 'buyer-tax-id' | 'seller-tax-id', field: DocumentField | null): Finding {
  if (field === null) return notApplicable(id, 'No tax id was read.');
  const { confidence } = field;
  const actual = field.normalized ?? field.value;
  switch (judgeTaxId(actual)) {
    case 'valid':
      return passed(id, 'The check digit is right.', confidence);
    case 'legacy':
      return passed(id, 'An id of the form used before 2015; it has no check digit.', confidence);
    case 'wrong-check-digit': {
      const expected = actual.slice(0, 17) + expectedCheckCharacter(actual);
      return failed(id, 'The check digit does not fit the other characters.', {
        expected,
        actual,
        confidence,
        grave: true,
      });
    }
    case 'malformed':
      return failed(id, 'A tax id has 18 characters (15 or 20 before 2015).', {
        actual,
        confidence,
        grave: false,
      });
  }
}

function checkDate({ fields, kind }: CheckedInvoice, today: string): Finding {
  const id = 'date-plausible';
  const field = fields.date;
  if (field === null) return notApplicable(id, 'The date was not read.');
  const { normalized, confidence, value } = field;
  if (normalized === null && isCommercial(kind)) {
    return notApplicable(id, 'The date may mean two days, or none.');
  }
  if (normalized === null) {
    return failed(id, 'There is no such day in the calendar.', { actual: value, confidence, grave: false });
  }
  return normalized > today
    ? failed(id, 'The date lies in the future.', { actual: normalized, confidence, grave: true })
    : passed(id, 'The date lies in the past.', confidence);
}
