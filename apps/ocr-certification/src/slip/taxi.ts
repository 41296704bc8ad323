import type { DocumentField, Invoice } from '@trivium/contracts/invoice';
import { fieldOf } from '../invoice/field.js';
import { completeInvoice, type ReadInvoice } from '../invoice/read-invoice.js';
import { findPattern } from './find-value.js';
import type { SlipFields } from './slip-fields.js';

/** A Chinese plate: province, letter, five or six characters. */
const PLATE =
  /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?[A-Z]\s?[-.]?\s?[A-Z0-9]{5,6}(?![A-Z0-9])/;

export function readTaxi(documentType: Invoice['documentType'], slip: SlipFields): ReadInvoice {
  return completeInvoice(documentType, {
    fields: {
      code: slip.code(),
      number: slip.number(),
      date: slip.date('日期'),
      total: slip.amount('实收金额', '金额', '合计'),
    },
    details: {
      plateNumber: readPlate(slip),
      boardingTime: slip.time('上车'),
      alightingTime: slip.time('下车'),
      unitPrice: slip.figure('单价'),
      distance: slip.figure('里程'),
    },
  });
}

function readPlate(slip: SlipFields): DocumentField | null {
  const reading = findPattern(slip.rows, PLATE);
  return reading === null ? null : fieldOf(reading, slip.page, reading.folded.replace(/[\s.-]/g, ''));
}
