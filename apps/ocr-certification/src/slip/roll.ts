import type { Invoice } from '@trivium/contracts/invoice';
import { completeInvoice, type ReadInvoice } from '../invoice/read-invoice.js';
import { rowWith } from './find-value.js';
import type { SlipFields } from './slip-fields.js';
import { readSlipItems } from './slip-items.js';

/** 增值税普通发票（卷票）: each party's tax id stands below its name, items as a name above its figures. */
export function readRoll(documentType: Invoice['documentType'], slip: SlipFields): ReadInvoice {
  const { rows, page } = slip;
  const sums = rowWith(rows, ['合计金额', '小写', '大写'], /[计写]/);
  const [number, again] = [slip.number(), slip.digits('机打号码')];
  const differs =
    number !== null && again !== null && number.normalized !== again.normalized && again.confidence >= SURE;
  return completeInvoice(documentType, {
    fields: {
      code: slip.code(),
      number: number ?? again,
      date: slip.date('开票日期'),
      checkCode: slip.digits('校验码'),
      sellerName: slip.name(['销售方名称'], /销/),
      sellerTaxId: slip.taxId(below(slip, '销售方名称', '购买方名称'), '纳税人识别号'),
      buyerName: slip.name(['购买方名称'], /购/),
      buyerTaxId: slip.taxId(below(slip, '购买方名称', '销售方名称'), '纳税人识别号'),
      totalInWords: slip.words('合计金额(大写)', '大写)', '大写'),
      total: slip.amount('合计金额(小写)', '小写)', '小写'),
    },
    details: { machineNumber: slip.digits('机器编号') },
    items: readSlipItems(rows, sums?.middle ?? Number.POSITIVE_INFINITY, page, { namesAbove: true }),
    contradictions: differs ? ['number'] : [],
  });
}

const SURE = 0.85;

/** Rows from one label down to the other, when that stands below. */
function below({ rows }: SlipFields, label: string, other: string) {
  const from = rowWith(rows, [label], /[购销]/)?.middle;
  if (from === undefined) return [];
  const to = rowWith(rows, [other], /[购销]/)?.middle ?? Number.POSITIVE_INFINITY;
  return rows.filter(({ middle }) => middle > from && (to < from || middle < to));
}
