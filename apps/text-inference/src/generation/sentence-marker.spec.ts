import { describe, expect, it } from 'vitest';
import { SentenceMarker } from './sentence-marker.js';

/** The deltas of pieces, each sentence end shown as `|`. */
function mark(...pieces: string[]): string {
  const marker = new SentenceMarker();
  return [...pieces.flatMap((piece) => marker.push(piece)), ...marker.flush()]
    .map(({ text, sentenceEnd }) => text + (sentenceEnd ? '|' : ''))
    .join('');
}

describe('SentenceMarker', () => {
  it.each([
    [['你好。今天怎么样？'], '你好。|今天怎么样？|'],
    [['他说：“好。”', '然后走了。'], '他说：“好。”|然后走了。|'],
    [['It works. Does it? Yes!'], 'It works.| Does it?| Yes!|'],
    [['It wor', 'ks', '.', ' Does it'], 'It works.| Does it'],
    [['Pi is 3', '.', '14 and v1.2 at example.com.'], 'Pi is 3.14 and v1.2 at example.com.|'],
    [['Mr. Li paid Dr', '. Wang, e.g. by card.'], 'Mr. Li paid Dr. Wang, e.g. by card.|'],
    [['Wait... what?!'], 'Wait...| what?!|'],
    [['He said "stop." And left.'], 'He said "stop."| And left.|'],
    [['# Title\n\nText'], '# Title\n|\nText'],
    [['1. First\n2. Second\n'], '1. First\n|2. Second\n|'],
    [['no end'], 'no end'],
    [['合计 1234.00 元', '。'], '合计 1234.00 元。|'],
  ])('marks %j', (pieces, expected) => {
    expect(mark(...pieces)).toBe(expected);
  });

  it('puts every sentence end on the end of a delta', () => {
    const marker = new SentenceMarker();

    expect(marker.push('一。二。三')).toEqual([
      { type: 'text-delta', text: '一。', sentenceEnd: true },
      { type: 'text-delta', text: '二。', sentenceEnd: true },
      { type: 'text-delta', text: '三' },
    ]);
  });

  it('keeps surrogate pairs whole', () => {
    const marker = new SentenceMarker();

    expect(marker.push('ok \ud83d')).toEqual([{ type: 'text-delta', text: 'ok ' }]);
    expect(marker.push('\ude00!')).toEqual([{ type: 'text-delta', text: '😀' }]);
    expect(marker.flush()).toEqual([{ type: 'text-delta', text: '!', sentenceEnd: true }]);
  });

  it('neither loses nor adds a character, wherever the text is cut', () => {
    const text = 'He said: “Hi.” 然后呢？！……好的。 See e.g. https://a.b/c?d=e. 😀\n\n- one\n- two...';

    for (let size = 1; size <= 7; size += 1) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const marker = new SentenceMarker();
      const deltas = [...pieces.flatMap((piece) => marker.push(piece)), ...marker.flush()];
      expect(deltas.map((delta) => delta.text).join('')).toBe(text);
      expect(deltas.every((delta) => delta.text.isWellFormed() && delta.text !== '')).toBe(true);
      // cutting differently does not move a sentence end
      expect(mark(...pieces)).toBe(mark(text));
    }
  });

  it('does not hold back a run of dots without end', () => {
    const marker = new SentenceMarker();

    expect(
      marker
        .push('.'.repeat(5000))
        .map(({ text }) => text)
        .join('').length,
    ).toBeGreaterThan(4000);
  });
});
