import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOf } from './traffic.js';
import { availableVersions, chooseVersion, type VersionQuestion } from './version-choice.js';

const question = (overrides: Partial<VersionQuestion> = {}): VersionQuestion => ({
  model: 'mini',
  policy: { all: {} },
  versions: [
    { version: '1', ready: true },
    { version: '2', ready: true },
    { version: '10', ready: false },
  ],
  key: 'caller',
  ...overrides,
});

describe('availableVersions', () => {
  it('orders by number, not by letter', () => {
    expect(availableVersions({ latest: { num_versions: 2 } }, ['10', '9', '2'])).toEqual(['9', '10']);
    expect(availableVersions({ specific: { versions: ['2', '7'] } }, ['10', '9', '2'])).toEqual(['2']);
  });
});

describe('chooseVersion', () => {
  it('takes the newest ready version where none is named', () => {
    expect(chooseVersion(question())).toEqual({ version: '2', by: 'policy' });
  });

  it('lets the old version serve while the only one of the policy does not load', () => {
    const latest = { policy: { latest: { num_versions: 1 } } };

    expect(chooseVersion(question(latest)).version).toBe('2');
    expect(
      chooseVersion(
        question({
          ...latest,
          versions: [
            { version: '1', ready: false },
            { version: '2', ready: false, failed: true },
          ],
        }),
      ).version,
    ).toBe('1');
  });

  it('follows a label, and names an unknown one', () => {
    expect(chooseVersion(question({ requested: 'stable', labels: { stable: '1' } }))).toEqual({
      version: '1',
      by: 'label',
    });
    expect(() => chooseVersion(question({ requested: 'beta', labels: { stable: '1' } }))).toThrow(
      expect.objectContaining({
        code: 'model_not_found',
        param: 'version',
        message: expect.stringContaining('stable') as string,
      }),
    );
  });

  it('tells an unknown number from one outside the policy', () => {
    expect(() => chooseVersion(question({ requested: '3' }))).toThrow(
      expect.objectContaining({ code: 'model_not_found', param: 'version' }),
    );
    expect(() =>
      chooseVersion(question({ requested: '10', policy: { specific: { versions: ['1'] } } })),
    ).toThrow(expect.objectContaining({ code: 'model_not_available', param: 'version' }));
  });

  it('gives the share of a version that is not ready to the others', () => {
    const traffic = [{ version: '10', percent: 100 }];

    expect(chooseVersion(question({ traffic })).version).toBe('2');
  });

  it('never sends anyone to a version of weight 0', () => {
    const traffic = [
      { version: '1', percent: 100 },
      { version: '2', percent: 0 },
    ];
    fc.assert(fc.property(fc.string(), (key) => chooseVersion(question({ traffic, key })).version === '1'));
  });

  it('spreads callers by the weights', () => {
    const traffic = [{ version: '1', percent: 20 }];
    const chosen = Array.from(
      { length: 5_000 },
      (_, index) => chooseVersion(question({ traffic, key: `caller ${index}` })).version,
    );

    const share = chosen.filter((version) => version === '1').length / chosen.length;
    expect(share).toBeGreaterThan(0.17);
    expect(share).toBeLessThan(0.23);
  });
});

describe('shareOf', () => {
  it('keeps a key where it is, and moves keys only to the share that has grown', () => {
    const weight = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(fc.string(), weight, weight, weight, weight, (key, a, b, c, more) => {
        const shares = [
          { name: 'a', weight: a },
          { name: 'b', weight: b },
          { name: 'c', weight: c },
        ];
        const before = shareOf(shares, key);
        const after = shareOf([...shares.slice(0, 2), { name: 'c', weight: c + more }], key);
        expect(shareOf(shares, key)).toBe(before);
        expect([before, 'c']).toContain(after);
      }),
    );
  });
});
