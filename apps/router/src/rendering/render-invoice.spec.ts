import { describe, expect, it } from 'vitest';
import { field, invoice } from './invoice.fixture.js';
import { phrasesFor } from './phrases.js';
import { answerIntents, renderInvoice } from './render-invoice.js';

const zh = phrasesFor('zh');
const en = phrasesFor('en');

describe('renderInvoice', () => {
  it('shows everything that was read, in Chinese', () => {
    expect(renderInvoice(invoice(), zh)).toBe(
      [
        '### 增值税电子普通发票',
        '',
        '| 项目 | 内容 |',
        '| --- | --- |',
        '| 价税合计（小写） | ¥1130.00 |',
        '| 价税合计（大写） | 壹仟壹佰叁拾圆整 |',
        '| 合计金额 | ¥1000.00 |',
        '| 合计税额 | ¥130.00 |',
        '| 发票代码 | 031002300211 |',
        '| 发票号码 | 12345678 |',
        '| 开票日期 | 2026-03-05 |',
        '| 校验码 | 12345678901234567890 |',
        '| 购买方名称 | 上海示例科技有限公司 |',
        '| 购买方税号 | 91310000MA1FL0000X |',
        '| 销售方名称 | 北京样本商贸有限公司 |',
        '| 销售方税号 | 91110000MA0010000Y |',
        '',
        '**明细**',
        '',
        '| 货物或服务名称 | 数量 | 单价 | 金额 | 税率 | 税额 |',
        '| --- | --- | --- | --- | --- | --- |',
        '| \\*办公用品\\*打印纸 | 10 | 100 | 1000.00 | 13% | 130.00 |',
        '',
        '**核对**',
        '',
        '- ✓ 合计金额 + 合计税额 = 价税合计',
        '- – 校验码格式',
        '',
        '**结论：✓ 通过**',
      ].join('\n'),
    );
  });

  it('says what failed, what is missing and what is doubtful', () => {
    const doubtful = invoice({
      fields: { total: field('1131.00', { confidence: 0.6 }), buyerTaxId: null, code: null },
      checks: [
        {
          id: 'net-plus-tax-is-total',
          status: 'failed',
          message: '',
          expected: '1130.00',
          actual: '1131.00',
        },
      ],
      verdict: 'REVIEW',
      reasons: ['net-plus-tax-is-total', 'missing:buyerTaxId', 'low-confidence:total', 'something-new'],
    });

    const text = renderInvoice(doubtful, en);

    expect(text).toContain('| Total (价税合计 小写) | ¥1131.00 (confidence 60%) |');
    expect(text).toContain('| Buyer tax id | not read |');
    expect(text).not.toContain('Invoice code'); // an electronic invoice has none
    expect(text).toContain('- ✗ net amount + tax = total: expected 1130.00, found 1131.00');
    expect(text).toContain(
      '**Verdict: needs a review by a person**, reasons: ✗ net amount + tax = total; Buyer tax id was not read; low confidence in Total (价税合计 小写); something-new',
    );
  });

  it('gives the words of a document no power over the page', () => {
    const hostile = invoice({
      fields: { buyerName: field('![x](http://evil.example/a.png) | <img src=x>\n# big') },
    });

    const text = renderInvoice(hostile, zh);

    expect(text).toContain(
      '| 购买方名称 | !\\[x\\](http:\\//evil.example/a.png) \\| \\<img src=x\\> # big |',
    );
    expect(text).not.toMatch(/!\[|(?<!\\)<|https?:\/\//);
  });
});

describe('answerIntents', () => {
  it('answers a line for each, with the exact value', () => {
    expect(answerIntents(invoice(), ['total', 'date'], zh)).toBe(
      '**价税合计（小写）：¥1130.00**\n\n**开票日期：2026-03-05**',
    );
  });

  it('says that a value was not read rather than guessing', () => {
    expect(answerIntents(invoice({ fields: { date: null } }), ['date'], en)).toBe(
      '**Date of issue: not read**',
    );
  });
});
