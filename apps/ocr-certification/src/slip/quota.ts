import type { Invoice } from '@trivium/contracts/invoice';
import { completeInvoice, type ReadInvoice } from '../invoice/read-invoice.js';
import { findPattern } from './find-value.js';
import type { SlipFields } from './slip-fields.js';

/** Its value is printed in words, mostly in figures too; words alone are the total as well. */
export function readQuota(documentType: Invoice['documentType'], slip: SlipFields): ReadInvoice {
  const totalInWords = slip.words('人民币', '金额');
  const figures = slip.money(findPattern(slip.rows, /[¥Y]\s*\d[\d,]*(?:\s?\.\s?\d{1,2})?(?!\d)/));
  const inYuan = figures ?? slip.money(readPlainYuan(slip));
  return completeInvoice(documentType, {
    fields: {
      code: slip.code(),
      number: slip.number(),
      totalInWords,
      total: inYuan ?? (totalInWords?.normalized == null ? null : totalInWords),
    },
  });
}

/** 50元 in figures, without the unit. */
function readPlainYuan(slip: SlipFields) {
  return findPattern(slip.rows, /(?<![\d.])\d{1,6}(?:\.\d{1,2})?(?=\s?[元圆])/);
}
