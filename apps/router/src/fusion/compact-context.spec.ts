import type { ContentPart, Message } from '@trivium/contracts/content';
import type { Item } from '@trivium/contracts/session';
import { describe, expect, it } from 'vitest';
import { invoice, page } from '../rendering/invoice.fixture.js';
import { phrasesFor } from '../rendering/phrases.js';
import { type CompactInput, fuseCompactly } from './compact-context.js';
import { artifactsOf, type DocumentFacts } from './document-facts.js';

const NOTE = 'system: You are Trivium. Answer from the documents; never invent values.';

const text = (value: string): ContentPart => ({ type: 'text', text: value });
const picture: ContentPart = {
  type: 'image',
  detail: 'auto',
  image: { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array() },
};
const facts = (overrides: Partial<DocumentFacts> = {}): DocumentFacts => ({
  label: 'picture',
  fileId: 'file-1',
  origin: 'turn',
  invoice: null,
  pages: [page('OPEN 24 HOURS')],
  ...overrides,
});
const user = (...content: ContentPart[]): Message => ({ role: 'user', content });
const item = (overrides: Partial<Item> = {}): Item => ({
  id: 'i',
  sequence: 1,
  responseId: null,
  createdAt: 0,
  role: 'user',
  status: 'completed',
  parts: [],
  ...overrides,
});
const said = (role: Item['role'], value: string): Item =>
  item({ role, parts: [{ type: 'text', text: value }] });
const invoiceItem = (): Item =>
  item({
    parts: [
      { type: 'image', fileId: 'file-1' },
      { type: 'text', text: '这张发票多少钱？' },
    ],
    artifacts: artifactsOf(facts({ invoice: invoice() })),
  });
const fuse = (overrides: Partial<CompactInput> = {}): string[] =>
  fuseCompactly({
    history: [],
    messages: [user(text('hello'))],
    instructions: undefined,
    facts: new Map(),
    phrases: phrasesFor('zh'),
    budget: 1_536,
    besides: 0,
    ...overrides,
  }).map(
    ({ role, content }) =>
      `${role}: ${content.map((part) => (part.type === 'text' ? part.text : part.type)).join('|')}`,
  );

describe('fuseCompactly', () => {
  it('begins with its one note, documents or not', () => {
    expect(fuse()).toEqual([NOTE, 'user: hello']);
  });

  it('puts the instructions of the caller after it', () => {
    const messages: Message[] = [
      { role: 'system', content: [text('Be kind.')] },
      { role: 'developer', content: [text('Use English.')] },
      user(text('hello')),
    ];

    expect(fuse({ messages, instructions: 'Be brief.' })[0]).toBe(
      `${NOTE}\n\nBe brief.\n\nBe kind.\n\nUse English.`,
    );
  });

  it('puts what was read where the picture was', () => {
    const messages = [user(picture, text('what does it say?'))];

    expect(fuse({ messages, facts: new Map([[picture, facts()]]) })).toEqual([
      NOTE,
      'user: <document name="picture">\nOPEN 24 HOURS\n</document>|what does it say?',
    ]);
    expect(fuse({ messages })[1]).toBe('user: [image that was not read]|what does it say?');
  });

  it('reaches back to what an earlier turn read, and cuts what was rendered from it', () => {
    const rendered = '| 项目 | 内容 |\n'.repeat(60);
    const [, earlier, answer, question] = fuse({
      history: [invoiceItem(), said('assistant', rendered)],
      messages: [user(text('销售方呢？'))],
    });

    expect(earlier).toMatch(/^user: <document name="file-1">\ntype: [^]*销售方名称: 北京样本商贸有限公司\n/);
    expect(earlier).toMatch(/\|这张发票多少钱？$/);
    expect(answer).toBe(`assistant: ${rendered.slice(0, 300)}…`);
    expect(question).toBe('user: 销售方呢？');
  });

  it('cuts no character in half', () => {
    const history = [said('assistant', `${'x'.repeat(299)}😀 and more`)];

    expect(fuse({ history })[1]?.isWellFormed()).toBe(true);
  });

  it('keeps the newest document while older talk goes', () => {
    const talk = Array.from({ length: 40 }, (_, index) => [
      said('user', `第 ${index} 个问题，${'很长'.repeat(20)}`),
      said('assistant', `第 ${index} 个回答`),
    ]).flat();
    const all = fuse({ history: [invoiceItem(), ...talk], messages: [user(text('销售方呢？'))] });

    expect(all[1]).toContain('销售方名称: 北京样本商贸有限公司');
    expect(all.at(-2)).toBe('assistant: 第 39 个回答');
    expect(all).not.toContain('assistant: 第 0 个回答');
    expect(all.length).toBeGreaterThan(6);
  });

  it('makes room for what the caller wrote and for tools before history', () => {
    const history = [said('user', 'earlier')];

    expect(fuse({ history })).toContain('user: earlier');
    expect(fuse({ history, besides: 1_500 })).not.toContain('user: earlier');
    expect(fuse({ history, messages: [user(text('很长'.repeat(2_000)))] })).toHaveLength(2);
  });

  it('passes calls of tools and their results on, and no result without its call', () => {
    const call = { id: 'c', name: 'weather', arguments: '{}' };
    const messages: Message[] = [
      user(text('Weather?')),
      { role: 'assistant', content: [], toolCalls: [call] },
      { role: 'tool', content: [text('sunny')], toolCallId: 'c' },
    ];
    const fused = fuseCompactly({
      history: [],
      messages,
      instructions: undefined,
      facts: new Map(),
      phrases: phrasesFor('en'),
      budget: 1_536,
      besides: 0,
    });
    const history = [
      item({ role: 'assistant', toolCalls: [{ ...call, arguments: 'x'.repeat(6_000) }] }),
      item({ role: 'tool', toolCallId: 'c', parts: [{ type: 'text', text: 'rain' }] }),
      said('user', 'thanks'),
    ];

    expect(fused.slice(1)).toEqual(messages);
    expect(fuse({ history })).toEqual([NOTE, 'user: thanks', 'user: hello']);
  });
});
