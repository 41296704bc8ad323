import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { ANALYSIS_RATE } from './frames.js';
import { SpeechThreads } from './speech-threads.js';

const NEVER = new AbortController().signal;

describe('SpeechThreads', () => {
  it('leaves the event loop to others while it looks through ten minutes', async () => {
    const threads = new SpeechThreads(1);
    await threads.find(new Float32Array(0), NEVER);
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);

    const segments = await threads.find(new Float32Array(ANALYSIS_RATE * 600).fill(0.1), NEVER);

    clearInterval(ticking);
    expect(segments).toEqual([]);
    expect(ticks).toBeGreaterThan(10);
  });

  it('tells an abandoned caller the reason that was given', async () => {
    const reason = new DomainError('deadline_exceeded', 'too late');

    await expect(new SpeechThreads(1).find(new Float32Array(9), AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
  });
});
