import { SERIF, type Sheet } from './sheet.js';

interface Seal {
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
  /** Along the upper edge. */
  readonly arc: string;
  /** Straight lines in the middle. */
  readonly lines: readonly string[];
  readonly size: number;
  readonly color?: string;
}

/** A red stamp with text along its upper edge; thin ink, so that print below it stays readable. */
export function drawSeal(sheet: Sheet, seal: Seal): void {
  const { context } = sheet;
  const color = seal.color ?? '#d0342c';
  context.save();
  context.globalAlpha = 0.72;
  context.strokeStyle = color;
  context.lineWidth = 3;
  context.beginPath();
  context.ellipse(seal.x, seal.y, seal.radiusX, seal.radiusY, 0, 0, Math.PI * 2);
  context.stroke();
  context.fillStyle = color;
  context.font = `${seal.size}px "${SERIF}"`;
  context.textAlign = 'center';
  seal.lines.forEach((line, index) => {
    context.fillText(line, seal.x, seal.y + seal.size * (0.6 + index * 1.25));
  });
  const characters = [...seal.arc];
  const from = Math.PI * 1.08;
  const step = (Math.PI * 0.84) / Math.max(1, characters.length - 1);
  characters.forEach((character, index) => {
    const angle = from + step * index;
    const x = seal.x + Math.cos(angle) * (seal.radiusX - seal.size * 0.95);
    const y = seal.y + Math.sin(angle) * (seal.radiusY - seal.size * 0.95);
    context.save();
    context.translate(x, y);
    context.rotate(Math.atan2(Math.sin(angle) * seal.radiusX, Math.cos(angle) * seal.radiusY) + Math.PI / 2);
    context.fillText(character, 0, seal.size * 0.35);
    context.restore();
  });
  context.restore();
}
