import { FRAME_SECONDS } from './frames.js';

/** Long enough to hold a pause of any speaker, short enough to follow a room that changes. */
const WINDOW_FRAMES = 6 / FRAME_SECONDS;
const STEP_FRAMES = 0.5 / FRAME_SECONDS;
const FLOOR_SHARE = 0.1;
const LOUD_SHARE = 0.95;
/** Nothing this far below the loud parts is speech that anybody hears. */
const DYNAMIC_RANGE_DB = 40;
const LOWEST_DB = -75;

/**
 * The level of the background around each frame: the quietest tenth of the six seconds around it, since
 * speech always leaves gaps and constant noise does not. Never lower than what could matter.
 */
export function noiseFloor(levels: Float32Array): Float32Array {
  const lowest = Math.max(LOWEST_DB, share(levels, LOUD_SHARE) - DYNAMIC_RANGE_DB);
  const floor = new Float32Array(levels.length);
  for (let start = 0; start < levels.length; start += STEP_FRAMES) {
    const centre = start + STEP_FRAMES / 2;
    const from = Math.max(0, Math.min(centre - WINDOW_FRAMES / 2, levels.length - WINDOW_FRAMES));
    const value = Math.max(lowest, share(levels.subarray(from, from + WINDOW_FRAMES), FLOOR_SHARE));
    floor.fill(value, start, start + STEP_FRAMES);
  }
  return floor;
}

/** The value below which that share of the levels lies. */
function share(levels: Float32Array, part: number): number {
  const sorted = levels.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? LOWEST_DB;
}
