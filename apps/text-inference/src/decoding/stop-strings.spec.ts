import { describe, expect, it } from 'vitest';
import { StopStrings } from './stop-strings.js';

function run(stops: readonly string[], pieces: readonly string[]): { shown: string; stopped: boolean } {
  const found = new StopStrings(stops);
  let shown = '';
  for (const piece of pieces) {
    const { text, stopped } = found.push(piece);
    shown += text;
    if (stopped) return { shown, stopped };
  }
  return { shown: shown + found.flush(), stopped: false };
}

describe('StopStrings', () => {
  it.each([
    [['END'], 'one END two', 'one ', true],
    [['aab'], 'aaab', 'a', true],
    [['abab', 'zz'], 'abaabac', 'abaabac', false],
    [['abcd', 'bc'], 'xabcd', 'xa', true],
    [['c', 'abc'], 'xabc', 'x', true],
    [['。', '\n\n'], '你好\n再见。完', '你好\n再见', true],
    [[], 'text', 'text', false],
    [[''], 'text', 'text', false],
    [['text!'], 'text', 'text', false],
  ])('with %o shows of %o only %o, at every split', (stops, text, shown, stopped) => {
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(run(stops, pieces)).toEqual({ shown, stopped });
      }
    }
    expect(run(stops, [...text])).toEqual({ shown, stopped });
  });

  it('holds back no more than may become a stop string', () => {
    const found = new StopStrings(['abc']);
    expect(found.push('xxab')).toEqual({ text: 'xx', stopped: false });
    expect(found.push('ab')).toEqual({ text: 'ab', stopped: false });
    expect(found.flush()).toBe('ab');
    expect(found.flush()).toBe('');
  });

  it('shows nothing after it stopped', () => {
    const found = new StopStrings(['.']);
    found.push('a.b');
    expect(found.push('c')).toEqual({ text: '', stopped: true });
    expect(found.flush()).toBe('');
  });
});
