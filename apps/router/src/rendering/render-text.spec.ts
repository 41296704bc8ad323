import { describe, expect, it } from 'vitest';
import { cutDeltas } from './cut-deltas.js';
import { page } from './invoice.fixture.js';
import { languageOf } from './language.js';
import { phrasesFor } from './phrases.js';
import { renderText } from './render-text.js';

const zh = phrasesFor('zh');

describe('renderText', () => {
  it('quotes the lines as they stand', () => {
    expect(renderText('图片', [page('第一行', '# not a heading', '2. not a list')], zh)).toBe(
      '**图片中的文字**\n\n> 第一行  \n> \\# not a heading  \n> 2\\. not a list',
    );
  });

  it('tells pages apart', () => {
    const pages = [page('one'), { ...page('two'), page: 2 }];

    expect(renderText('a.pdf', pages, phrasesFor('en'))).toBe(
      '**Text in a.pdf**\n\n> **Page 1**  \n>  \n> one  \n>  \n> **Page 2**  \n>  \n> two',
    );
  });

  it('says so when there is none', () => {
    expect(renderText('图片', [page()], zh)).toBe('图片中没有识别到文字。');
  });

  it('leaves out what is too much', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);

    expect(renderText('x', [page(...lines)], zh).split('\n')).toHaveLength(403);
  });
});

describe('cutDeltas', () => {
  it('keeps the head of a table with its first row and loses nothing', () => {
    const markdown = '### T\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n\nend';

    const deltas = cutDeltas(markdown);

    expect(deltas.map(({ text }) => text)).toEqual([
      '### T\n\n',
      '| a | b |\n| --- | --- |\n| 1 | 2 |\n',
      '| 3 | 4 |\n\n',
      'end',
    ]);
    expect(deltas.every(({ sentenceEnd }) => sentenceEnd)).toBe(true);
    expect(cutDeltas('')).toEqual([]);
  });
});

describe('languageOf', () => {
  it.each([
    ['what is 合计?', '', 'zh'],
    ['what is it?', '发票', 'en'],
    ['', '发票', 'zh'],
    ['?!', 'Invoice', 'en'],
    ['', '', 'zh'],
  ])('%j beside %j', (question, fallback, expected) => {
    expect(languageOf(question, fallback)).toBe(expected);
  });
});
