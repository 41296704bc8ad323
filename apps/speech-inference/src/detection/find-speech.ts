import type { SpeechSegment } from '@trivium/contracts/speech-inference';
import { ANALYSIS_RATE, FRAME_SECONDS, type Frames, measureFrames } from './frames.js';
import { noiseFloor } from './noise-floor.js';

/** Above the floor by this much: speech has begun. */
const ONSET_DB = 6;
/** Above the floor by this much: speech that has begun goes on. */
const HOLD_DB = 3;
/** A gap up to this long belongs to the speech around it. */
const HANGOVER_FRAMES = Math.round(0.3 / FRAME_SECONDS);
/** Shorter than this it was a click. */
const SHORTEST_FRAMES = Math.round(0.1 / FRAME_SECONDS);
/** How far a border may move to take in an unvoiced sound before or after the voice. */
const UNVOICED_FRAMES = Math.round(0.16 / FRAME_SECONDS);
/** Crossings above the background's by this much: s, f, sh rather than background. */
const UNVOICED_CROSSINGS = 0.15;

interface Run {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * Finds speech in 16 kHz mono audio by rules: level in the voice's band against an adaptive noise floor
 * with hysteresis, borders widened over unvoiced sounds by zero crossings, gaps bridged, clicks dropped.
 */
export function findSpeech(samples: Float32Array): SpeechSegment[] {
  const frames = measureFrames(samples);
  const levels = smooth(frames.levels);
  const floor = noiseFloor(levels);
  const runs = loudRuns(levels, floor).filter(({ from, to }) => to - from >= SHORTEST_FRAMES);
  const widened = widen(runs, { levels, crossings: frames.crossings }, floor);
  const duration = samples.length / ANALYSIS_RATE;
  return bridge(widened).map(({ from, to }) => ({
    start: from * FRAME_SECONDS,
    end: Math.min(to * FRAME_SECONDS, duration),
  }));
}

/** Mean of each frame and its neighbours: one frame alone says little about noise. */
function smooth(levels: Float32Array): Float32Array {
  return levels.map((level, index) => {
    const before = levels[index - 1] ?? level;
    const after = levels[index + 1] ?? level;
    return (before + level + after) / 3;
  });
}

function loudRuns(levels: Float32Array, floor: Float32Array): Run[] {
  const runs: Run[] = [];
  let from = -1;
  let hasOnset = false;
  for (let frame = 0; frame <= levels.length; frame += 1) {
    const above = (levels[frame] ?? -Infinity) - (floor[frame] ?? 0);
    if (above >= HOLD_DB) {
      if (from < 0) from = frame;
      hasOnset ||= above >= ONSET_DB;
    } else if (from >= 0) {
      if (hasOnset) runs.push({ from, to: frame });
      from = -1;
      hasOnset = false;
    }
  }
  return runs;
}

/** Moves each border outwards as long as the frames there sound unvoiced rather than like the background. */
function widen(runs: readonly Run[], { levels, crossings }: Frames, floor: Float32Array): Run[] {
  const background = backgroundCrossings(runs, crossings);
  const unvoiced = (frame: number): boolean =>
    (levels[frame] ?? -Infinity) > (floor[frame] ?? Infinity) + HOLD_DB / 2 &&
    (crossings[frame] ?? 0) > background + UNVOICED_CROSSINGS;
  return runs.map(({ from, to }) => {
    let [start, end] = [from, to];
    while (from - start < UNVOICED_FRAMES && unvoiced(start - 1)) start -= 1;
    while (end - to < UNVOICED_FRAMES && unvoiced(end)) end += 1;
    return { from: start, to: end };
  });
}

function backgroundCrossings(runs: readonly Run[], crossings: Float32Array): number {
  let sum = 0;
  let count = 0;
  let position = 0;
  for (const { from, to } of [...runs, { from: crossings.length, to: crossings.length }]) {
    for (let frame = position; frame < from; frame += 1) {
      sum += crossings[frame] ?? 0;
      count += 1;
    }
    position = to;
  }
  return count === 0 ? 0 : sum / count;
}

function bridge(runs: readonly Run[]): Run[] {
  const bridged: Run[] = [];
  for (const run of runs) {
    const last = bridged.at(-1);
    if (last !== undefined && run.from - last.to <= HANGOVER_FRAMES) {
      bridged[bridged.length - 1] = { from: last.from, to: Math.max(last.to, run.to) };
    } else {
      bridged.push(run);
    }
  }
  return bridged;
}
