import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Residency, type Reservation, type Resident } from './residency.js';

class FakeResident implements Resident {
  busy = 0;
  evictions = 0;
  reservation: Reservation | undefined;

  constructor(
    readonly name: string,
    public lastUsedAt: number,
  ) {}

  async evict(): Promise<boolean> {
    if (this.busy > 0) return false;
    this.evictions += 1;
    this.reservation?.[Symbol.dispose]();
    return true;
  }
}

async function resident(residency: Residency, name: string, bytes: number, lastUsedAt = 0) {
  const one = new FakeResident(name, lastUsedAt);
  one.reservation = await residency.reserve(one, bytes);
  one.reservation.loaded(bytes);
  return one;
}

describe('Residency', () => {
  it('evicts the idle one that was used longest ago', async () => {
    const residency = new Residency({ budgetBytes: 100 });
    const recent = await resident(residency, 'recent', 40, 2);
    const old = await resident(residency, 'old', 40, 1);
    await resident(residency, 'new', 50, 3);

    expect([old.evictions, recent.evictions]).toEqual([1, 0]);
  });

  it('says what a model needs that no eviction could make room for', async () => {
    const residency = new Residency({ budgetBytes: 100, isPinned: ({ name }) => name === 'pinned' });
    const pinned = await resident(residency, 'pinned', 60);

    await expect(resident(residency, 'big', 50)).rejects.toMatchObject({
      code: 'model_not_available',
      details: { neededBytes: 50, budgetBytes: 100, pinnedBytes: 60 },
    });
    expect(pinned.evictions).toBe(0);
  });

  it('asks to come back when only busy ones could go, and evicts nobody in vain', async () => {
    const residency = new Residency({ budgetBytes: 100 });
    const busy = await resident(residency, 'busy', 60);
    busy.busy = 1;
    const idle = await resident(residency, 'idle', 20);

    await expect(resident(residency, 'new', 50)).rejects.toMatchObject({
      code: 'overloaded',
      retryable: true,
      retryAfterMs: 1_000,
    });
    expect(idle.evictions).toBe(0);
  });

  it('counts what is loading, so that two loads cannot overshoot together', async () => {
    const residency = new Residency({ budgetBytes: 100 });
    const loads = await Promise.allSettled(
      ['a', 'b'].map((name) => residency.reserve(new FakeResident(name, 0), 60)),
    );

    expect(loads.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(residency.usedBytes).toBe(60);
  });

  it('replaces the estimate by what was measured', async () => {
    const residency = new Residency({ budgetBytes: 100 });
    const one = new FakeResident('one', 0);
    const reservation = await residency.reserve(one, 80);
    reservation.loaded(30);

    expect(residency.usedBytes).toBe(30);
  });

  it('never exceeds the budget, and never evicts who is busy or pinned', async () => {
    const load = fc.record({
      bytes: fc.integer({ min: 1, max: 60 }),
      busy: fc.boolean(),
      pinned: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(load, { maxLength: 20 }), async (loads) => {
        const pinned = new Set<string>();
        const residency = new Residency({ budgetBytes: 100, isPinned: ({ name }) => pinned.has(name) });
        const residents: FakeResident[] = [];
        await Promise.all(
          loads.map(async ({ bytes, busy, pinned: isPinned }, index) => {
            const one = new FakeResident(`${index}`, index);
            if (isPinned) pinned.add(one.name);
            one.reservation = await residency.reserve(one, bytes).catch(() => undefined);
            if (one.reservation === undefined) return;
            expect(residency.usedBytes).toBeLessThanOrEqual(100);
            one.reservation.loaded(bytes);
            one.busy = busy ? 1 : 0;
            residents.push(one);
          }),
        );
        expect(residents.filter(({ name, evictions }) => pinned.has(name) && evictions > 0)).toEqual([]);
      }),
    );
  });
});
