import { readFileSync } from 'node:fs';
import type { ContentPart, Message } from '@trivium/contracts/content';
import { describe, expect, it } from 'vitest';
import { intentsWanted, planRoute } from './plan-route.js';
import { parseRules } from './rules-file.js';
import { traitsOf, type TurnTraits } from './turn-traits.js';

const shipped = parseRules(readFileSync(new URL('../../rules.yaml', import.meta.url), 'utf8'), 'rules.yaml');

const traits = (overrides: Partial<TurnTraits> = {}): TurnTraits => ({
  parts: new Set(['text']),
  mediaTypes: [],
  question: '',
  artifacts: new Set(),
  tenant: 'acme',
  model: 'trivium',
  ...overrides,
});
const withPicture = (question: string): TurnTraits => traits({ parts: new Set(['text', 'image']), question });

describe('planRoute with the shipped rules', () => {
  it.each<[TurnTraits, string, string]>([
    [traits({ question: '你好' }), 'chat', 'anything-else'],
    [traits({ question: 'What is the total of 1 and 2?' }), 'chat', 'anything-else'],
    [withPicture('这张发票多少钱？'), 'document', 'document-question'],
    [withPicture('What is the TOTAL?'), 'document', 'document-question'],
    [withPicture('totally lost, where is this?'), 'image-text', 'picture-or-file-with-a-question'],
    [withPicture('开票日期是哪天'), 'document', 'document-question'],
    [withPicture('哪天？'), 'document', 'document-detail-question'],
    [withPicture('图里写了什么？'), 'image-text', 'picture-or-file-with-a-question'],
    [traits({ parts: new Set(['image']) }), 'document', 'bare-document'],
    [traits({ parts: new Set(['file']), mediaTypes: ['application/pdf'] }), 'document', 'bare-document'],
    [
      traits({ question: '税号是什么？', artifacts: new Set(['invoice']) }),
      'document',
      'question-about-an-earlier-invoice',
    ],
    [
      traits({ question: 'and the date?', artifacts: new Set(['invoice']) }),
      'document',
      'detail-of-an-earlier-invoice',
    ],
    [traits({ question: '谢谢', artifacts: new Set(['invoice']) }), 'chat', 'anything-else'],
    [traits({ question: '税号是什么？', artifacts: new Set(['document-text']) }), 'chat', 'anything-else'],
  ])('%#: %s', (turn, pipeline, rule) => {
    expect(planRoute(shipped, turn)).toMatchObject({ pipeline, rule });
  });

  it('says why', () => {
    expect(planRoute(shipped, withPicture('发票金额多少？')).reason).toBe(
      'the turn holds: image; document words: 发票, 金额',
    );
    expect(planRoute(shipped, traits({ question: 'hi' })).reason).toBe('no earlier rule matched');
  });
});

describe('planRoute with the intents of the shipped rules', () => {
  const meaning = (name: string, score = 0.9) => ({ name, score, example: 'an example' });
  const invoice = { artifacts: new Set(['invoice'] as const) };

  it.each<[TurnTraits, string, string]>([
    [
      { ...withPicture('please spell it out'), intent: meaning('asks-what-is-written') },
      'image-text',
      'asks-what-is-written',
    ],
    [
      { ...withPicture('who got the money'), intent: meaning('asks-about-invoice') },
      'document',
      'document-question-by-meaning',
    ],
    [
      { ...withPicture('a cat?'), intent: meaning('describes-a-picture') },
      'image-text',
      'picture-or-file-with-a-question',
    ],
    [
      traits({ question: '付给谁', ...invoice, intent: meaning('asks-about-invoice') }),
      'document',
      'earlier-invoice-by-meaning',
    ],
    [traits({ question: '付给谁', intent: meaning('asks-about-invoice') }), 'chat', 'anything-else'],
    [traits({ question: '你会啥', intent: meaning('asks-what-it-can-do') }), 'chat', 'capabilities'],
    [traits({ question: '嗨', intent: meaning('small-talk') }), 'chat', 'small-talk'],
    [traits({ question: '嗨', intent: meaning('small-talk', 0.1) }), 'chat', 'anything-else'],
    [
      traits({ question: 'Paris?', ...invoice, intent: meaning('asks-something-else') }),
      'chat',
      'anything-else',
    ],
    [{ ...withPicture('这张发票多少钱？'), intent: meaning('small-talk') }, 'document', 'document-question'],
  ])('%#', (turn, pipeline, rule) => {
    expect(planRoute(shipped, turn)).toMatchObject({ pipeline, rule });
  });

  it('quotes what is written only where that was asked', () => {
    const asked = { ...withPicture('spell it out'), intent: meaning('asks-what-is-written') };

    expect(planRoute(shipped, asked).quoteText).toBe(true);
    expect(planRoute(shipped, withPicture('a cat?')).quoteText).toBe(false);
  });

  it('says which intent, how surely and like what', () => {
    const turn = traits({ question: '嗨', intent: { name: 'small-talk', score: 0.8765, example: '你好' } });

    expect(planRoute(shipped, turn).reason).toBe("intent small-talk (0.88, like '你好')");
  });
});

describe('intentsWanted', () => {
  const names = (turn: TurnTraits) => intentsWanted(shipped, turn)?.map(({ name }) => name);

  it.each([
    ['words decide', withPicture('这张发票多少钱？')],
    ['there is no question', traits({ parts: new Set(['image']) })],
    ['words decide on an earlier invoice', traits({ question: '税号？', artifacts: new Set(['invoice']) })],
  ])('asks nobody when %s', (_why, turn) => {
    expect(names(turn)).toBeUndefined();
  });

  it('asks among all intents when a rule could still match', () => {
    expect(names(withPicture('what is this?'))).toContain('asks-what-is-written');
    expect(names(traits({ question: 'hi' }))).toEqual(names(withPicture('what is this?')));
  });

  it('stops at the first rule that decides without', () => {
    const rules = parseRules(
      `intents: { greeting: { threshold: 0.5, examples: [hi] } }
rules:
  - { name: ours, pipeline: chat, when: { tenants: [acme] } }
  - { name: greeting, pipeline: chat, when: { intent: greeting } }`,
      'r',
    );

    expect(intentsWanted(rules, traits({ question: 'hi' }))).toBeUndefined();
    expect(intentsWanted(rules, traits({ question: 'hi', tenant: 'other' }))).toHaveLength(1);
  });

  it('asks for no intent of a rule whose other conditions do not hold', () => {
    const rules = parseRules(
      `intents: { greeting: { threshold: 0.5, examples: [hi] } }
rules: [{ name: greeting, pipeline: chat, when: { parts: [image], intent: greeting } }]`,
      'r',
    );

    expect(intentsWanted(rules, traits({ question: 'hi' }))).toBeUndefined();
  });
});

describe('planRoute', () => {
  const rules = (when: string) => parseRules(`rules: [{ name: a, pipeline: document, when: ${when} }]`, 'r');

  it.each([
    ['{ tenants: [acme] }', traits(), true],
    ['{ tenants: [other] }', traits(), false],
    ['{ models: [qwen, trivium] }', traits(), true],
    ['{ models: [qwen] }', traits(), false],
    ['{ mediaTypes: ["image/*"] }', traits({ mediaTypes: ['image/png'] }), true],
    ['{ mediaTypes: ["application/pdf"] }', traits({ mediaTypes: ['image/png'] }), false],
    ['{ pattern: "sum|总" }', traits({ question: 'The SUM' }), true],
    ['{ pattern: "^sum$" }', traits({ question: 'the sum' }), false],
    ['{ question: true }', traits({ question: 'x' }), true],
    ['{ question: false }', traits({ question: 'x' }), false],
    ['{ parts: [text], tenants: [other] }', traits(), false],
  ])('%s', (when, turn, matches) => {
    expect(planRoute(rules(when), turn).rule).toBe(matches ? 'a' : 'none');
  });
});

describe('traitsOf', () => {
  const message = (role: Message['role'], ...content: ContentPart[]): Message => ({ role, content });
  const text = (value: string): ContentPart => ({ type: 'text', text: value });
  const image: ContentPart = {
    type: 'image',
    detail: 'auto',
    image: { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array() },
  };
  const of = (...messages: Message[]): TurnTraits =>
    traitsOf({ messages, artifacts: [], tenant: 't', model: 'm' });

  it('looks at what was said since the assistant last spoke', () => {
    const turn = of(
      message('system', text('发票')),
      message('user', image, text('total?')),
      message('assistant', text('12')),
      message('user', text('thanks')),
      message('user', text('bye')),
    );

    expect(turn).toMatchObject({ question: 'thanks\nbye', mediaTypes: [] });
    expect([...turn.parts]).toEqual(['text']);
  });

  it('asks nothing when a tool has just answered', () => {
    expect(of(message('user', image, text('total?')), message('tool', text('42'))).question).toBe('');
  });
});
