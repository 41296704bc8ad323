import { describe, expect, it, vi } from 'vitest';
import type { Entry } from './entry.js';
import { WaitingLine } from './waiting-line.js';

let sequence = 0;
const entry = (overrides: Partial<Entry<string, string>> = {}): Entry<string, string> => ({
  input: 'x',
  cost: 10,
  bucket: 'a',
  priority: 'interactive',
  arrivedAt: 0,
  sequence: sequence++,
  enteredAt: 0,
  deadline: Number.POSITIVE_INFINITY,
  alone: false,
  losses: 0,
  settled: false,
  resolve: vi.fn(),
  reject: vi.fn(),
  ...overrides,
});

const lineOf = (...entries: Entry<string, string>[]): WaitingLine<string, string> => {
  const line = new WaitingLine<string, string>();
  for (const one of entries) line.add(one);
  return line;
};

const LIMITS = { maxBatchItems: 8, maxBatchCost: 100 };

describe('WaitingLine', () => {
  it('stops before padding would exceed the cost', () => {
    const line = lineOf(entry({ cost: 10 }), entry({ cost: 40 }), entry({ cost: 10 }));

    const release = line.takeBatch(LIMITS);

    expect(release?.entries.map(({ cost }) => cost)).toEqual([10, 40]); // a third would cost 3 x 40
    expect(release?.reason).toBe('full');
    expect(line.size).toBe(1);
    expect(line.cost).toBe(10);
  });

  it('lets one piece go alone that costs more than a batch may', () => {
    const line = lineOf(entry({ cost: 500 }), entry({ cost: 1 }));

    expect(line.takeBatch(LIMITS)?.entries).toHaveLength(1);
  });

  it('takes the bucket whose head is oldest, and nothing of another', () => {
    const line = lineOf(
      entry({ bucket: 'b', arrivedAt: 2 }),
      entry({ bucket: 'a', arrivedAt: 1 }),
      entry({ bucket: 'b', arrivedAt: 0 }),
    );

    expect(line.takeBatch(LIMITS)?.entries.map(({ bucket, arrivedAt }) => [bucket, arrivedAt])).toEqual([
      ['b', 0],
      ['b', 2],
    ]);
  });

  it('lets a later step of old work go before new work', () => {
    const line = lineOf(
      entry({ bucket: 'detect', arrivedAt: 5 }),
      entry({ bucket: 'recognise', arrivedAt: 1 }),
    );

    expect(line.takeBatch(LIMITS)?.entries[0]?.bucket).toBe('recognise');
  });

  it('takes interactive work before batch work that came earlier', () => {
    const line = lineOf(entry({ priority: 'batch', arrivedAt: 0 }), entry({ arrivedAt: 9, bucket: 'b' }));

    expect(line.takeBatch(LIMITS)?.entries[0]?.priority).toBe('interactive');
  });

  it('never gives company to a piece that must run alone', () => {
    const line = lineOf(
      entry({ arrivedAt: 0 }),
      entry({ arrivedAt: 1, alone: true }),
      entry({ arrivedAt: 2 }),
    );

    expect(line.takeBatch(LIMITS)?.entries.map(({ arrivedAt }) => arrivedAt)).toEqual([0, 2]);
    expect(line.takeBatch(LIMITS)).toMatchObject({ reason: 'alone', entries: [{ arrivedAt: 1 }] });
  });

  it('is empty when all has been taken or removed', () => {
    const one = entry();
    const line = lineOf(one, entry());

    expect(line.remove(one)).toBe(true);
    expect(line.remove(one)).toBe(false);
    line.takeBatch(LIMITS);

    expect(line.size).toBe(0);
    expect(line.cost).toBe(0);
    expect(line.takeBatch(LIMITS)).toBeUndefined();
  });
});
