import { describe, expect, it } from 'vitest';
import type { Waiting } from './entry.js';
import { FairShare } from './fair-share.js';
import { WaitingLine } from './waiting-line.js';

let sequence = 0;
const entry = (overrides: Partial<Waiting> = {}): Waiting => ({
  items: 1,
  cost: 10,
  bucket: 'a',
  level: 1,
  tenant: '',
  arrivedAt: 0,
  sequence: sequence++,
  enteredAt: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  deadline: Number.POSITIVE_INFINITY,
  alone: false,
  ...overrides,
});

const AGING_MS = 100;

function lineOf(...entries: Waiting[]): WaitingLine<Waiting> {
  const line = new WaitingLine(new FairShare(), AGING_MS);
  for (const one of entries) line.add(one);
  return line;
}

/** Takes heads, one by one, as the batcher does. */
function drain(line: WaitingLine<Waiting>, count: number, now = 0): Waiting[] {
  return Array.from({ length: count }, () => {
    const head = line.head(now);
    if (head === undefined) throw new RangeError('Nothing waits');
    line.shares.charge(line.levelOf(head, now), head.tenant, head.cost, true);
    line.remove(head);
    return head;
  });
}

describe('WaitingLine', () => {
  it('lets a later step of old work go before new work', () => {
    const line = lineOf(
      entry({ bucket: 'detect', arrivedAt: 5 }),
      entry({ bucket: 'recognise', arrivedAt: 1 }),
    );

    expect(line.head(9)?.bucket).toBe('recognise');
  });

  it('takes the first level before work of the second that came earlier', () => {
    const line = lineOf(entry({ level: 2, arrivedAt: 0 }), entry({ arrivedAt: 9, bucket: 'b' }));

    expect(line.head(9)?.level).toBe(1);
  });

  it('lets work of the second level compete as the first once it has waited', () => {
    const line = lineOf(entry({ level: 2, arrivedAt: 0 }), entry({ arrivedAt: AGING_MS + 1 }));

    expect(line.head(AGING_MS + 1)?.level).toBe(2);
  });

  it('takes turns between tenants, however much one has waiting', () => {
    const flood = Array.from({ length: 10 }, () => entry({ tenant: 'flood' }));
    const line = lineOf(...flood, ...Array.from({ length: 3 }, () => entry({ tenant: 'trickle' })));

    const tenants = drain(line, 6).map(({ tenant }) => tenant);

    expect(tenants.filter((tenant) => tenant === 'trickle')).toHaveLength(3);
  });

  it('gives no credit for time in which a tenant had nothing waiting', () => {
    const line = lineOf(...Array.from({ length: 30 }, () => entry({ tenant: 'steady' })));
    drain(line, 20);
    for (let n = 0; n < 10; n += 1) line.add(entry({ tenant: 'late' }));

    const tenants = drain(line, 8).map(({ tenant }) => tenant);

    expect(tenants.filter((tenant) => tenant === 'late')).toHaveLength(4);
  });

  it('offers as company the bucket of the head, without what must run alone', () => {
    const head = entry({ arrivedAt: 0 });
    const mate = entry({ arrivedAt: 2 });
    const line = lineOf(head, entry({ arrivedAt: 1, alone: true }), mate, entry({ bucket: 'b' }));

    expect(line.company(head, 3, 8)).toEqual([mate]);
  });

  it('offers company of a later level only when no other work of the head level waits', () => {
    const [head, later] = [entry(), entry({ level: 2 })];
    const elsewhere = entry({ bucket: 'b' });
    const line = lineOf(head, later, elsewhere);

    expect(line.fillers([head], 0)).toEqual([]);
    line.remove(elsewhere);

    expect(line.fillers([head], 0)).toEqual([later]);
  });

  it('counts what waits, and is empty when all has been removed', () => {
    const one = entry({ items: 3, cost: 2, tenant: 't' });
    const line = lineOf(one, entry({ tenant: 'u' }));

    expect([line.size, line.items, line.cost]).toEqual([2, 4, 16]);
    expect(line.tenants).toEqual(
      new Map([
        ['t', 3],
        ['u', 1],
      ]),
    );
    expect(line.remove(one)).toBe(true);
    expect(line.remove(one)).toBe(false);
    expect([...line].map(({ tenant }) => tenant)).toEqual(['u']);
  });
});
