import { drawPlanes, type Normalisation } from '../spotting/planes.js';
import type { Pyramid } from '../spotting/pyramid.js';
import { placeOnPicture } from './alignment.js';
import type { FivePoints, Template } from './template.js';

/** Levels from 0 to 255, as they are. */
const AS_THEY_ARE: Normalisation = {
  mean: [0, 0, 0],
  deviation: [1 / 255, 1 / 255, 1 / 255],
  order: 'rgb',
};

/** The face upright in the template's square: planes of red, green and blue bytes. */
export function cutChip(picture: Pyramid, landmarks: FivePoints, template: Template): Uint8Array {
  const { side } = template;
  const area = placeOnPicture(landmarks, template);
  const step = Math.hypot(area[1][0] - area[0][0], area[1][1] - area[0][1]) / side;
  const placed = picture.place(area, step);
  const data = new Float32Array(3 * side * side);
  const room = { data, offset: 0, width: side, height: side, stride: side };
  drawPlanes(placed.raster, placed.area, room, AS_THEY_ARE);
  return Uint8Array.from(data, Math.round);
}

/** Writes the levels of a chip into a network's input: `(level / 255 - mean) / deviation`, plane by plane. */
export function normaliseChip(
  chip: Uint8Array,
  into: Float32Array,
  offset: number,
  { mean, deviation }: Pick<Normalisation, 'mean' | 'deviation'>,
): void {
  const plane = chip.length / 3;
  for (const channel of [0, 1, 2] as const) {
    const [least, spread] = [mean[channel], deviation[channel]];
    for (let at = channel * plane; at < (channel + 1) * plane; at += 1)
      into[offset + at] = ((chip[at] ?? 0) / 255 - least) / spread;
  }
}
