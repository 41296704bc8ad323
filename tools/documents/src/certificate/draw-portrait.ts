import { Random } from '../invoice/random.js';
import { type Sheet } from '../drawing/sheet.js';

/** A head and shoulders out of ellipses: it shows nobody, and no detector has to find a face in it. */
export function drawPortrait(
  sheet: Sheet,
  x: number,
  y: number,
  width: number,
  height: number,
  seed: number,
): void {
  const random = new Random(seed);
  const { context } = sheet;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.fillStyle = random.pick(['#dbe6f0', '#e9e4dc', '#c9d8ea']);
  context.fillRect(x, y, width, height);
  const skin = random.pick(['#e8c4a2', '#d9ae8a', '#f0d2b6']);
  const fill = (color: string, cx: number, cy: number, rx: number, ry: number): void => {
    context.fillStyle = color;
    context.beginPath();
    context.ellipse(x + cx * width, y + cy * height, rx * width, ry * height, 0, 0, Math.PI * 2);
    context.fill();
  };
  fill(random.pick(['#2b3440', '#5b2f33', '#31493c']), 0.5, 1.02, 0.46, 0.3);
  fill(skin, 0.5, 0.72, 0.12, 0.14);
  fill('#1d1815', 0.5, 0.38, 0.27, 0.27);
  fill(skin, 0.5, 0.45, 0.22, 0.25);
  for (const side of [0.41, 0.59]) {
    fill('#ffffff', side, 0.43, 0.045, 0.018);
    fill('#1a1410', side, 0.43, 0.018, 0.017);
    fill('#241b15', side, 0.385, 0.055, 0.009);
  }
  fill('#b98a6a', 0.5, 0.52, 0.022, 0.03);
  fill('#a3483f', 0.5, 0.6, 0.07, 0.014);
  context.restore();
}
