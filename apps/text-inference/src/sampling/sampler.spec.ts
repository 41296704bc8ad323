import { describe, expect, it } from 'vitest';
import { Random } from './random.js';
import { Sampler, samplingSettings, type SamplingSettings } from './sampler.js';
import { topTokens } from './top-tokens.js';

const PLAIN: SamplingSettings = {
  temperature: 1,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: [],
  seed: 1,
  topLogprobs: undefined,
};
/** Probabilities 0.4, 0.1, 0.3, 0.2. */
const SHARES = [0.4, 0.1, 0.3, 0.2];
const row = () => Float32Array.from(SHARES, Math.log);

function draws(settings: Partial<SamplingSettings>, count: number, logits = row): number[] {
  const sampler = new Sampler({ ...PLAIN, ...settings }, []);
  return Array.from({ length: count }, () => sampler.sample(logits()).id);
}

function support(settings: Partial<SamplingSettings>): number[] {
  return [...new Set(draws(settings, 500))].toSorted();
}

describe('Random', () => {
  it('gives the numbers of the reference implementation for its state', () => {
    const random = new Random([1, 2, 3, 4]);
    expect(Array.from({ length: 6 }, () => random.next())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492,
    ]);
  });

  it('repeats itself for the same seed, evenly from 0 to 1', () => {
    const random = new Random(42);
    const other = new Random(42);
    const numbers = Array.from({ length: 1000 }, () => random.uniform());
    expect(numbers).toEqual(Array.from({ length: 1000 }, () => other.uniform()));
    expect(new Set(numbers).size).toBe(1000);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((a, b) => a + b) / 1000).toBeCloseTo(0.5, 1);
  });
});

describe('topTokens', () => {
  it('equals the beginning of a full sort, the lower id first where logits are equal', () => {
    const random = new Random(3);
    const logits = Float32Array.from({ length: 5000 }, () => Math.floor(random.uniform() * 400));
    const sorted = [...logits.keys()].toSorted((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
    for (const count of [1, 2, 64, 777, 5000, 9000]) {
      expect([...topTokens(logits, count)]).toEqual(sorted.slice(0, count));
    }
  });

  it('leaves out what cannot come', () => {
    expect([...topTokens(Float32Array.of(-Infinity, 2, NaN, 1), 4)]).toEqual([1, 3]);
  });
});

describe('Sampler', () => {
  it('takes the greatest logit at temperature 0, the lower id where two are equal', () => {
    const sampler = new Sampler({ ...PLAIN, temperature: 0 }, []);
    expect(sampler.sample(Float32Array.of(1, 3, 3, 2))).toEqual({ id: 1 });
  });

  it('draws the same for the same seed and otherwise for another', () => {
    const first = draws({ seed: 7 }, 200);
    expect(draws({ seed: 7 }, 200)).toEqual(first);
    expect(draws({ seed: 8 }, 200)).not.toEqual(first);
  });

  it.each([{ topK: 0 }, { topK: 4 }, { topP: 0.9999 }, { temperature: 0.5 }, { temperature: 2, topK: 3 }])(
    'draws by the probabilities: %o',
    (settings) => {
      const { temperature, topK } = { ...PLAIN, ...settings };
      const kept = topK === 3 ? [0.4, 0, 0.3, 0.2] : SHARES;
      const powers = kept.map((share) => share ** (1 / temperature));
      const total = powers.reduce((a, b) => a + b);
      const ids = draws({ ...settings, seed: 11 }, 20_000);
      let chiSquare = 0;
      for (const [id, power] of powers.entries()) {
        const expected = (20_000 * power) / total;
        const found = ids.filter((drawn) => drawn === id).length;
        if (expected === 0) expect(found).toBe(0);
        else chiSquare += (found - expected) ** 2 / expected;
      }
      // The 99.9th percentile at three degrees of freedom.
      expect(chiSquare).toBeLessThan(16.27);
    },
  );

  it.each([
    [{ topK: 1 }, [0]],
    [{ topK: 2 }, [0, 2]],
    [{ topP: 0 }, [0]],
    [{ topP: 0.39 }, [0]],
    [{ topP: 0.41 }, [0, 2]],
    [{ topP: 0.75 }, [0, 2, 3]],
    [{ topK: 2, topP: 0.5 }, [0]],
    [{ minP: 0.6 }, [0, 2]],
    [{ minP: 0.6, topP: 0.99 }, [0, 2]],
    [{ minP: 1 }, [0]],
    [{}, [0, 1, 2, 3]],
  ])('keeps for %o the tokens %o', (settings, ids) => {
    expect(support(settings)).toEqual(ids);
  });

  it('finds a nucleus wider than the first rounds of selection', () => {
    const flat = () => new Float32Array(2000);
    const ids = draws({ topP: 0.5 }, 1000, flat);
    expect(Math.max(...ids)).toBeLessThan(1000);
    expect(Math.max(...ids)).toBeGreaterThan(900);
  });

  it('penalizes repetition over prompt and output by division and multiplication', () => {
    const sampler = new Sampler({ ...PLAIN, temperature: 0, repetitionPenalty: 2 }, [0, 3]);
    const first = Float32Array.of(4, 3, 1, -1);
    expect(sampler.sample(first).id).toBe(1);
    expect([...first]).toEqual([2, 3, 1, -2]);
    const second = Float32Array.of(4, 3, 1, -1);
    expect(sampler.sample(second).id).toBe(0);
    expect([...second]).toEqual([2, 1.5, 1, -2]);
  });

  it('penalizes presence once and frequency by the count, over the output only', () => {
    const sampler = new Sampler(
      { ...PLAIN, temperature: 0, presencePenalty: 0.5, frequencyPenalty: 0.25 },
      [0, 0],
    );
    const ids = [];
    let last = new Float32Array();
    for (let step = 0; step < 3; step += 1) {
      last = Float32Array.of(3, 2.125);
      ids.push(sampler.sample(last).id);
    }
    expect(ids).toEqual([0, 0, 1]);
    expect([...last]).toEqual([2, 2.125]);
  });

  it('adds the bias', () => {
    expect(support({ logitBias: [[1, 100]] })).toEqual([1]);
    expect(support({ logitBias: [[0, -100]] })).toEqual([1, 2, 3]);
  });

  it('blames a bias for a token that the vocabulary lacks', () => {
    const sampler = new Sampler({ ...PLAIN, logitBias: [[4, 1]] }, []);
    expect(() => sampler.sample(row())).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'sampling.logitBias' }),
    );
  });

  it.each([0, 1])('draws only allowed tokens at temperature %i', (temperature) => {
    const sampler = new Sampler({ ...PLAIN, temperature }, []);
    const allowed = Int32Array.of(-1, 0, (1 << 5) | (1 << 31));
    allowed[0] = 0;
    const ids = Array.from({ length: 200 }, () => sampler.sample(new Float32Array(100), allowed).id);
    expect([...new Set(ids)].toSorted()).toEqual(temperature === 0 ? [69] : [69, 95]);
  });

  it('fails where no token may come', () => {
    const sampler = new Sampler(PLAIN, []);
    expect(() => sampler.sample(row(), new Int32Array(1))).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });

  it('reports logprobs of the model alone', () => {
    const sampler = new Sampler({ ...PLAIN, temperature: 0, topLogprobs: 4, logitBias: [[1, 100]] }, []);
    const { id, logprob, top } = sampler.sample(row());
    expect(id).toBe(1);
    expect(logprob).toBeCloseTo(Math.log(0.1), 5);
    expect(top?.map((token) => token.id)).toEqual([0, 2, 3, 1]);
    expect(top?.reduce((mass, token) => mass + Math.exp(token.logprob), 0)).toBeCloseTo(1, 5);
  });

  it('reports the drawn token alone when none of the most probable are asked for', () => {
    const sampler = new Sampler({ ...PLAIN, temperature: 0, topLogprobs: 0 }, []);
    expect(sampler.sample(row()).top).toEqual([]);
  });
});

describe('samplingSettings', () => {
  const defaults = { temperature: 0.7, topP: 0.8, topK: 20 };

  it('completes what the caller asked by the defaults', () => {
    expect(samplingSettings({ topP: 0.5, seed: -1, logitBias: { '12': 3 } }, defaults)).toEqual({
      ...PLAIN,
      temperature: 0.7,
      topP: 0.5,
      topK: 20,
      seed: 0xffffffff,
      logitBias: [[12, 3]],
    });
  });

  it('has another seed each time without one', () => {
    const seeds = Array.from({ length: 8 }, () => samplingSettings({}, defaults).seed);
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it.each(['word', '-1', '1.5', ''])('refuses %o as a token id', (key) => {
    expect(() => samplingSettings({ logitBias: { [key]: 1 } }, defaults)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'sampling.logitBias' }),
    );
  });
});
