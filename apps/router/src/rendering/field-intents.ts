import type { InvoiceFieldName } from '@trivium/contracts/invoice';

/** What a question may ask of an invoice beside its fields. */
export type Intent = InvoiceFieldName | 'items' | 'checks';

/**
 * Which words ask for what. Tried in order, and words that were understood are taken out of the
 * question, so that `购买方税号` does not ask for the buyer's name as well.
 */
const INTENTS: readonly (readonly [RegExp, readonly Intent[]])[] = [
  [
    /(购买方|购方|买方|抬头)的?(纳税人)?(识别号|税号)|(buyer|purchaser|customer)('s)? (tax (id|number)|taxpayer)/giu,
    ['buyerTaxId'],
  ],
  [
    /(销售方|销方|卖方|开票方)的?(纳税人)?(识别号|税号)|(seller|vendor|supplier|issuer)('s)? (tax (id|number)|taxpayer)/giu,
    ['sellerTaxId'],
  ],
  [/纳税人识别号|识别号|税号|tax (id|number)s?|taxpayer (id|number)s?/giu, ['buyerTaxId', 'sellerTaxId']],
  [
    /不含税(的?(金额|总额|价))?|税前(金额)?|合计金额|net (amount|total)|sub-?total|before tax|excluding tax/giu,
    ['netAmount'],
  ],
  [/大写(金额)?|in words/giu, ['totalInWords']],
  [/税额|税金|多少税|(how much|amount of) (tax|vat)|(tax|vat) amount|\bvat\b/giu, ['taxAmount']],
  [
    /价税合计|含税(金额|总额|价)?|总金额|总额|总价|总共|一共|共计|合计|多少钱|花了多少|total amount|grand total|\btotal\b|how much|amount due|\bsum\b/giu,
    ['total'],
  ],
  [/金额|\bamounts?\b/giu, ['total', 'netAmount', 'taxAmount']],
  [/校验码|check(ing)? code/giu, ['checkCode']],
  [/发票代码|代码|invoice code/giu, ['code']],
  [/发票号码|发票号|票号|号码|invoice (number|no\b\.?|id)|number of the invoice|\bnumber\b/giu, ['number']],
  [/开票日期|开具日期|日期|哪天|哪一天|几号|什么时候|何时|\bdated?\b|\bwhen\b|what day/giu, ['date']],
  [
    /(谁|哪(家|个)).{0,4}(开|卖|销售)|销售方|销方|卖方|开票方|商家|who (issued|sold)|issued by|\b(seller|vendor|supplier|issuer|merchant)\b/giu,
    ['sellerName'],
  ],
  [
    /购买方|购方|买方|抬头|谁买|付款方|billed? to|made out to|who (bought|paid)|\b(buyer|purchaser|customer|payer)\b/giu,
    ['buyerName'],
  ],
  [/双方|both parties|\bparties\b/giu, ['buyerName', 'buyerTaxId', 'sellerName', 'sellerTaxId']],
  [/明细|货物|商品|服务名称|买了什么|line items?|\bitems?\b|what was bought/giu, ['items']],
  [
    /核对|核验|验证|真伪|对不对|是否(正确|一致|有效)|有没有(问题|错)|\b(valid|verify|verified|checks?|correct|consistent)\b/giu,
    ['checks'],
  ],
];

/** What the question asks for, in the order it asks. */
export function intentsOf(question: string): Intent[] {
  let rest = question;
  const found: { at: number; intents: readonly Intent[] }[] = [];
  for (const [pattern, intents] of INTENTS) {
    rest = rest.replace(pattern, (words: string, ...groups: unknown[]) => {
      const at = groups.findLast((group) => typeof group === 'number') as number;
      found.push({ at, intents });
      return ' '.repeat(words.length);
    });
  }
  const ordered = found.toSorted((one, other) => one.at - other.at).flatMap(({ intents }) => intents);
  return [...new Set(ordered)];
}

/** Whether the question wants the words of a picture as they stand. */
export function asksForText(question: string): boolean {
  return /识别|文字|写了什么|写的是什么|写着|内容是什么|读一下|读出|提取|转成文本|\bocr\b|\btext\b|transcribe|what does (it|this|that|the .{1,20}) say|what is written|what's written|\bread\b/iu.test(
    question,
  );
}
