import { describe, expect, it } from 'vitest';
import { MemoryTrend } from './memory-trend.js';
import { Quarantine } from './quarantine.js';

describe('Quarantine', () => {
  it('holds a file after two crashes in a row, until it is cleared', () => {
    const quarantine = new Quarantine();
    quarantine.noteCrash('a', 'SIGSEGV');
    expect(quarantine.refusal('a', 'm')).toBeUndefined();
    quarantine.noteCrash('a', 'SIGBUS');

    expect(quarantine.refusal('a', 'm')).toMatchObject({
      code: 'model_not_available',
      message: 'm is quarantined: its file a ended its workers, last by SIGBUS',
    });
    quarantine.noteLoad('a');
    expect(quarantine.holds('a')).toBe(true);
    expect(quarantine.holds('b')).toBe(false);
    quarantine.clear('a');
    expect(quarantine.holds('a')).toBe(false);
  });

  it('forgets a crash once the file has loaded', () => {
    const quarantine = new Quarantine();
    quarantine.noteCrash('a', 'SIGSEGV');
    quarantine.noteLoad('a');
    quarantine.noteCrash('a', 'SIGSEGV');

    expect(quarantine.holds('a')).toBe(false);
  });

  it('forgets the oldest file when there are too many', () => {
    const quarantine = new Quarantine();
    for (let file = 0; file <= 1_000; file += 1) quarantine.add(String(file), 'SIGSEGV');

    expect(quarantine.holds('0')).toBe(false);
    expect(quarantine.holds('1')).toBe(true);
  });
});

describe('MemoryTrend', () => {
  const after = (answers: readonly number[]): MemoryTrend => {
    const trend = new MemoryTrend();
    for (const bytes of answers) trend.note(bytes);
    return trend;
  };

  it('sees a leak before it reaches the limit', () => {
    const leak = Array.from({ length: 40 }, (_, index) => 100 + index);

    expect(after(leak).willPass(160)).toBe(true);
    expect(after(leak).willPass(300)).toBe(false);
  });

  it('does not take a warm-up or noise for one', () => {
    const settled = Array.from({ length: 40 }, (_, index) => Math.min(100 + index * 10, 150));
    const noise = Array.from({ length: 40 }, (_, index) => 100 + index + (index % 2));

    expect(after(settled).willPass(160)).toBe(false);
    expect(after(noise.map((bytes, index) => (index === 20 ? 0 : bytes))).willPass(150)).toBe(false);
    expect(after([1, 2, 3]).willPass(3)).toBe(false);
  });
});
