import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock/fake-clock.js';
import { MemoryTrend } from './memory-trend.js';
import { Quarantine } from './quarantine.js';

describe('Quarantine', () => {
  it('holds a file after two ends in a row while it loaded, until it is cleared', () => {
    const quarantine = new Quarantine();
    quarantine.noteLoadCrash('a', 'SIGSEGV');
    expect(quarantine.refusal('a', 'm')).toBeUndefined();
    quarantine.noteLoadCrash('a', 'SIGBUS');

    expect(quarantine.refusal('a', 'm')).toMatchObject({
      code: 'model_not_available',
      message:
        'm is quarantined: its file a ended its workers, 2 in a row while they loaded, the last by SIGBUS; load it explicitly to try again',
      details: { quarantined: 'a' },
    });
    quarantine.noteLoad('a');
    quarantine.noteAnswer('a');
    expect(quarantine.holds('a')).toBe(true);
    expect(quarantine.holds('b')).toBe(false);
    quarantine.clear('a');
    expect(quarantine.holds('a')).toBe(false);
  });

  it('forgets an end while loading once the file has loaded', () => {
    const quarantine = new Quarantine();
    quarantine.noteLoadCrash('a', 'SIGSEGV');
    quarantine.noteLoad('a');
    quarantine.noteLoadCrash('a', 'SIGSEGV');

    expect(quarantine.holds('a')).toBe(false);
  });

  it('holds a file that loads and ends four workers without an answer between', () => {
    const quarantine = new Quarantine();
    for (let end = 0; end < 4; end += 1) {
      expect(quarantine.holds('a')).toBe(false);
      quarantine.noteLoad('a');
      quarantine.noteRunCrash('a', 'SIGSEGV');
    }

    expect(quarantine.refusal('a', 'm')?.message).toContain('4 in a row, the last by SIGSEGV');
  });

  it('does not hold a file for one caller whose work ends workers while others are answered', () => {
    const quarantine = new Quarantine();
    for (let request = 0; request < 10; request += 1) {
      quarantine.noteRunCrash('a', 'SIGSEGV');
      quarantine.noteRunCrash('a', 'SIGSEGV');
      quarantine.noteAnswer('a');
    }

    expect(quarantine.holds('a')).toBe(false);
  });

  it('does not count ends that lie far apart', async () => {
    const clock = new FakeClock();
    const quarantine = new Quarantine(clock);
    for (let end = 0; end < 10; end += 1) {
      quarantine.noteRunCrash('a', 'SIGKILL');
      await clock.advance(600_000);
    }

    expect(quarantine.holds('a')).toBe(false);
  });

  it('forgets the oldest file when there are too many', () => {
    const quarantine = new Quarantine();
    for (let file = 0; file <= 1_000; file += 1) {
      quarantine.noteLoadCrash(String(file), 'SIGSEGV');
      quarantine.noteLoadCrash(String(file), 'SIGSEGV');
    }

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
