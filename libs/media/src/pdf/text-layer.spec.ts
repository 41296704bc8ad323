import { describe, expect, it } from 'vitest';
import { countCharacters, faultOfPainting, faultOfText, plainCharacters } from './text-layer.js';

describe('faultOfText', () => {
  it.each([
    ['a page number', ['Page 3 of 12'], 'too-little-text'],
    ['nothing', [], 'too-little-text'],
    ['glyphs without characters', ['增\u0000\u0000税电子普\u0000发票', '购买方名称上海'], 'unmapped-glyphs'],
    ['glyphs in private use', ['\ue001\ue002\ue003 an invoice of some length'], 'unmapped-glyphs'],
    ['text', ['电子发票（普通发票）', '发票号码：23422100000709286443'], null],
  ])('judges %s', (_, texts, fault) => {
    expect(faultOfText(countCharacters(texts))).toBe(fault);
  });

  it('lets a single odd glyph pass in a long text', () => {
    expect(faultOfText(countCharacters(['x'.repeat(99), '\ue001']))).toBeNull();
  });
});

describe('faultOfPainting', () => {
  it.each([
    ['a scan with the scanner’s own reading under it', 1, 0.98, 'invisible-text'],
    ['a scan with a stamp of text', 0, 0.98, 'mostly-pictures'],
    ['a page with a seal and a code', 0, 0.08, null],
  ])('judges %s', (_, invisibleShare, pictureShare, fault) => {
    expect(faultOfPainting({ invisibleShare, pictureShare })).toBe(fault);
  });
});

describe('plainCharacters', () => {
  it('writes radicals as the characters they look like and leaves the rest alone', () => {
    expect(plainCharacters('⼦⽇⼀ ﹤Ａ①')).toBe('子日一 ﹤Ａ①');
  });
});
