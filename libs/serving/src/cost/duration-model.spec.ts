import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationModel } from './duration-model.js';

/** A compute-bound encoder: overhead of a call, then tokens; a little attention. */
const encoder = (items: number, longest: number): number =>
  0.3 + items * longest * 0.22 + items * longest ** 2 * 1e-5;

function taught(
  t: (items: number, longest: number) => number,
  runs: readonly (readonly [items: number, longest: number])[],
  noise: (run: number) => number = () => 1,
): DurationModel {
  const model = new DurationModel();
  runs.forEach(([items, longest], run) =>
    model.observe({ items, longest, durationMs: t(items, longest) * noise(run) }),
  );
  return model;
}

const grid = [1, 2, 4, 8].flatMap((items) =>
  [8, 16, 32, 64, 128, 256].map((length) => [items, length] as const),
);

describe('DurationModel', () => {
  it('knows nothing before the first measurement, and scales from one', () => {
    const model = new DurationModel();
    expect(model.predict(1, 10)).toBeUndefined();

    model.observe({ items: 1, longest: 100, durationMs: 20 });

    expect(model.predict(1, 100)).toBeCloseTo(20, 0);
    expect(model.predict(4, 100)).toBeGreaterThan(20);
    expect(model.predict(4, 100)).toBeLessThanOrEqual(81);
  });

  it('predicts what it has not seen within 5 % from a warm-up of 24 runs', () => {
    const model = taught(encoder, grid);

    for (const [items, longest] of [
      [3, 50],
      [6, 200],
      [16, 100],
      [1, 100],
    ] as const) {
      const predicted = model.predict(items, longest) ?? 0;
      expect(Math.abs(predicted / encoder(items, longest) - 1)).toBeLessThan(0.05);
    }
  });

  it('tells the cost of a call from the cost of an item', () => {
    const device = (items: number, longest: number): number => 5 + items * longest * 0.001;
    const model = taught(device, grid);

    expect(model.predict(8, 32)).toBeLessThan(2 * (model.predict(1, 32) ?? 0));
  });

  it('learns that items take longer among many where caches overflow', () => {
    const cached = (items: number, longest: number): number =>
      encoder(items, longest) + 1.5e-5 * (items * longest) ** 2;
    const model = taught(cached, grid);

    expect(Math.abs((model.predict(16, 128) ?? 0) / cached(16, 128) - 1)).toBeLessThan(0.1);
    expect(model.predict(16, 128)).toBeGreaterThan(16.5 * (model.predict(1, 128) ?? 0));
  });

  it('is not led astray by runs that stalled', () => {
    const runs = Array.from({ length: 20 }, () => grid).flat();
    const model = taught(encoder, runs, (run) => (run % 10 === 7 ? 20 : 1));

    expect(Math.abs((model.predict(2, 64) ?? 0) / encoder(2, 64) - 1)).toBeLessThan(0.25);
  });

  it('follows a machine that became three times slower', () => {
    const model = taught(encoder, grid);
    for (let round = 0; round < 60; round += 1) {
      for (const [items, longest] of grid) {
        model.observe({ items, longest, durationMs: 3 * encoder(items, longest) });
      }
    }

    expect(Math.abs((model.predict(2, 64) ?? 0) / (3 * encoder(2, 64)) - 1)).toBeLessThan(0.1);
  });

  it('keeps buckets of other work apart', () => {
    const model = taught(encoder, grid);
    for (let run = 0; run < 40; run += 1) {
      model.observe({ items: 1, longest: 64, durationMs: 4 * encoder(1, 64), bucket: 'detect' });
      model.observe({ items: 1, longest: 64, durationMs: encoder(1, 64), bucket: 'recognise' });
    }

    expect(model.predict(1, 64, 'detect')).toBeGreaterThan(2.5 * (model.predict(1, 64, 'recognise') ?? 0));
  });

  it('never predicts less for more items or greater length, whatever it was told', () => {
    const run = fc.record({
      items: fc.constant(1),
      longest: fc.integer({ min: 1, max: 512 }),
      durationMs: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 60 }), (runs) => {
        const model = new DurationModel();
        for (const one of runs) model.observe(one);
        const t = (items: number, longest: number): number => model.predict(items, longest) ?? Number.NaN;
        expect(t(1, 10)).toBeGreaterThan(0);
        expect(t(1, 20)).toBeGreaterThanOrEqual(t(1, 10) - 1e-9);
        // One by one is the most that a batch of equal lengths may cost where no batch was ever timed.
        expect(t(2, 10)).toBeLessThanOrEqual(2 * t(1, 10) * 1.000_001);
      }),
    );
  });
});
