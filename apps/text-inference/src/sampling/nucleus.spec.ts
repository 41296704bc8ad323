import { describe, expect, it } from 'vitest';
import { nucleus } from './nucleus.js';
import { Random } from './random.js';

describe('nucleus', () => {
  it.each([0, 0.1, 0.5, 0.9, 0.99, 0.999])('equals the beginning of a full sort for the share %d', (topP) => {
    const random = new Random(5);
    for (const temperature of [0.3, 1, 2]) {
      const logits = Float32Array.from({ length: 3000 }, () => Math.round(random.uniform() * 200) / 10);
      logits[7] = -Infinity;
      const peak = Math.max(...logits);
      const weight = (id: number) => Math.exp(((logits[id] ?? 0) - peak) / temperature);
      const sorted = [...logits.keys()].toSorted((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
      const goal = topP * sorted.reduce((mass, id) => mass + weight(id), 0);
      const wanted: number[] = [];
      let mass = 0;
      for (const id of sorted) {
        if (wanted.length > 0 && mass >= goal) break;
        wanted.push(id);
        mass += weight(id);
      }
      const found = nucleus(logits, peak, temperature, topP);
      expect([...found].toSorted((a, b) => a - b)).toEqual(wanted.toSorted((a, b) => a - b));
    }
  });
});
