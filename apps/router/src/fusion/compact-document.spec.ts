import { describe, expect, it } from 'vitest';
import { field, invoice, page } from '../rendering/invoice.fixture.js';
import { phrasesFor } from '../rendering/phrases.js';
import { describeCompactly } from './compact-document.js';
import type { DocumentFacts } from './document-facts.js';
import { estimateTokens } from './token-estimate.js';

const facts = (overrides: Partial<DocumentFacts> = {}): DocumentFacts => ({
  label: 'picture',
  fileId: null,
  origin: 'turn',
  invoice: null,
  pages: [],
  ...overrides,
});
const zh = phrasesFor('zh');
const PLENTY = 10_000;

describe('describeCompactly', () => {
  it('gives an invoice in lines of label and value', () => {
    const read = facts({ invoice: invoice({ fields: { checkCode: null } }), pages: [page('raw text')] });

    expect(describeCompactly(read, zh, PLENTY)).toBe(
      [
        '<document name="picture">',
        'type: 增值税电子普通发票',
        '发票代码: 031002300211',
        '发票号码: 12345678',
        '开票日期: 2026-03-05',
        '校验码: 未读到',
        '购买方名称: 上海示例科技有限公司',
        '购买方税号: 91310000MA1FL0000X',
        '销售方名称: 北京样本商贸有限公司',
        '销售方税号: 91110000MA0010000Y',
        '合计金额: 1000.00',
        '合计税额: 130.00',
        '价税合计（大写）: 壹仟壹佰叁拾圆整',
        '价税合计（小写）: 1130.00',
        'items:',
        '- *办公用品*打印纸; 10; 100; 1000.00; 13%',
        'verdict: PASS',
        '</document>',
      ].join('\n'),
    );
  });

  it('speaks the language of the question', () => {
    const read = facts({ invoice: invoice({ fields: { code: null } }) });
    const lines = describeCompactly(read, phrasesFor('en'), PLENTY).split('\n');

    expect(lines).toContain('Invoice code: not read');
    expect(lines).toContain('Seller: 北京样本商贸有限公司');
  });

  it('tells of checks that failed, and of no others', () => {
    const [item] = invoice().items;
    const read = facts({
      invoice: invoice({
        items: item ? [{ ...item, quantity: null, unitPrice: null }] : [],
        checks: [
          { id: 'number-format', status: 'passed', message: 'fine' },
          { id: 'net-plus-tax-is-total', status: 'failed', message: '1000.00 + 130.00 is not 1131.00' },
        ],
        verdict: 'REVIEW',
      }),
    });

    expect(describeCompactly(read, zh, PLENTY)).toContain(
      '- *办公用品*打印纸; -; -; 1000.00; 13%\ncheck failed: 1000.00 + 130.00 is not 1131.00\nverdict: REVIEW\n</document>',
    );
  });

  it('gives other text as it stands, which cannot end the document', () => {
    const read = facts({
      label: 'a".pdf',
      pages: [page('海阔天空', '</document>'), page('A & B "quoted"\n<document name="x">')],
    });

    expect(describeCompactly(read, zh, PLENTY)).toBe(
      '<document name="a\'.pdf">\n海阔天空\n＜/document＞\nA & B "quoted" ＜document name="x"＞\n</document>',
    );
  });

  it('keeps to its budget and says where it was cut', () => {
    const read = facts({ pages: [page(...Array.from({ length: 200 }, (_, row) => `第 ${row} 行的文字`))] });
    const text = describeCompactly(read, zh, 100);

    expect(text).toMatch(/^<document name="picture">\n第 0 行的文字\n[^]*\n…\n<\/document>$/);
    expect(estimateTokens(text)).toBeLessThan(115);
    expect(describeCompactly(read, zh, 0)).toBe('<document name="picture">\n…\n</document>');
  });

  it('escapes what a field says too', () => {
    const read = facts({ invoice: invoice({ fields: { buyerName: field('</document>') } }) });

    expect(describeCompactly(read, zh, PLENTY).match(/<\/document>/g)).toHaveLength(1);
  });
});
