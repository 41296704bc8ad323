import { describe, expect, it } from 'vitest';
import type { DocumentFacts } from '../fusion/document-facts.js';
import { invoice, page } from '../rendering/invoice.fixture.js';
import { phrasesFor } from '../rendering/phrases.js';
import { planAnswer } from './plan-answer.js';

const read = (overrides: Partial<DocumentFacts> = {}): DocumentFacts => ({
  label: 'picture',
  fileId: null,
  origin: 'turn',
  invoice: invoice(),
  pages: [],
  ...overrides,
});
const complete = (question: string, ...facts: DocumentFacts[]) =>
  planAnswer({ pipeline: 'document', quoteText: false, question, facts, phrases: phrasesFor('zh') }).complete;

describe('a plan is complete', () => {
  it.each([
    ['一个字段', '这张发票多少钱？', read(), true],
    ['several', 'the total and the seller, please', read(), true],
    ['items and checks', '明细有哪些，核对通过了吗', read(), true],
    ['of an earlier turn', '销售方是谁？', read({ origin: 'earlier' }), true],
    [
      'what was asked was not read',
      '校验码是多少',
      read({ invoice: invoice({ fields: { checkCode: null } }) }),
      false,
    ],
    ['nothing is understood', '这张发票贵吗？', read(), false],
    ['no items were read', '买了什么', read({ invoice: invoice({ items: [] }) }), false],
    ['text that was asked for', '识别文字', read({ invoice: null, pages: [page('x')] }), true],
    ['a question about text', '这是哪里？', read({ invoice: null, pages: [page('x')] }), false],
  ])('%s', (_what, question, facts, expected) => {
    expect(complete(question, facts)).toBe(expected);
  });

  it('only when it is for every document', () => {
    expect(complete('总额是多少', read(), read({ invoice: null, pages: [page('x')] }))).toBe(false);
    expect(complete('总额是多少', read(), read())).toBe(true);
  });

  it('never in plain talk', () => {
    const plan = planAnswer({
      pipeline: 'chat',
      quoteText: false,
      question: '总额',
      facts: [],
      phrases: phrasesFor('zh'),
    });

    expect(plan).toMatchObject({ ask: true, complete: false });
  });
});
