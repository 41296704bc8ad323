import type { DocumentField, Invoice } from '@trivium/contracts/invoice';
import { completeInvoice, type ReadInvoice } from '../invoice/read-invoice.js';
import { rowWith } from './find-value.js';
import type { SlipFields } from './slip-fields.js';
import { readSlipItems } from './slip-items.js';

const SELLER = ['收款方名称', '销货单位名称', '收款单位名称', '销售方名称', '收款方', '销货单位', '收款单位'];
const BUYER = ['付款方名称', '购货单位名称', '付款单位名称', '购买方名称', '付款方', '购货单位', '付款单位'];

/** 通用机打发票: what the parties are called changes from province to province. */
export function readMachinePrinted(documentType: Invoice['documentType'], slip: SlipFields): ReadInvoice {
  const { rows, page } = slip;
  const seller = rowWith(rows, SELLER, /[收销]/);
  const sums = rowWith(rows, ['合计(大写)', '大写)', '(小写)', '小写', '合计'], /[计写]/);
  const idOf = (row: typeof seller): DocumentField | null =>
    row === null
      ? null
      : slip.taxId(
          rows.filter(({ middle, height }) => middle >= row.middle && middle < row.middle + 3.5 * height),
          '纳税人识别号',
          '识别号',
          '税号',
        );
  return completeInvoice(documentType, {
    fields: {
      code: slip.code(),
      number: slip.number(),
      date: slip.date('开票日期'),
      buyerName: slip.name(BUYER, /[付购]/),
      sellerName: slip.name(SELLER, /[收销]/),
      sellerTaxId: idOf(seller),
      totalInWords: slip.words('合计(大写)', '大写)', '大写'),
      total: slip.amount('(小写)', '小写)', '小写', '合计'),
    },
    details: { machineNumber: slip.digits('机器编号') },
    items: readSlipItems(rows, sums?.middle ?? Number.POSITIVE_INFINITY, page),
  });
}
