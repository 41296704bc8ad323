import { describe, expect, it } from 'vitest';
import { asksForText, type Intent, intentsOf } from './field-intents.js';

describe('intentsOf', () => {
  it.each<[string, Intent[]]>([
    ['这张发票多少钱？', ['total']],
    ['价税合计是多少', ['total']],
    ['what is the total?', ['total']],
    ['How much is it?', ['total']],
    ['totally fine', []],
    ['大写金额', ['totalInWords']],
    ['不含税金额和税额', ['netAmount', 'taxAmount']],
    ['金额？', ['total', 'netAmount', 'taxAmount']],
    ['开票日期是哪天', ['date']],
    ['When was it issued?', ['date']],
    ['发票号码和代码', ['number', 'code']],
    ['invoice number please', ['number']],
    ['购买方税号', ['buyerTaxId']],
    ['税号是什么', ['buyerTaxId', 'sellerTaxId']],
    ["the seller's tax number", ['sellerTaxId']],
    ['谁开的发票？', ['sellerName']],
    ['who is the buyer and what is the date', ['buyerName', 'date']],
    ['日期、总额、双方', ['date', 'total', 'buyerName', 'buyerTaxId', 'sellerName', 'sellerTaxId']],
    ['明细有哪些', ['items']],
    ['核对一下对不对', ['checks']],
    ['校验码', ['checkCode']],
    ['你好', []],
  ])('%s', (question, expected) => {
    expect(intentsOf(question)).toEqual(expected);
  });
});

describe('asksForText', () => {
  it.each([
    ['图里写了什么', true],
    ['识别图片中的文字', true],
    ['What does it say?', true],
    ['Please transcribe', true],
    ['这是什么动物', false],
    ['Which city is this?', false],
    ['ready?', false],
  ])('%s', (question, expected) => {
    expect(asksForText(question)).toBe(expected);
  });
});
