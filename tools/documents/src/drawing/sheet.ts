import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';

export const SERIF = 'Sample Serif';
export const SANS = 'Sample Sans';
/** Song type as older office printers have it. */
export const SONG = 'Sample Song';
/** Of meters and tills. */
export const MONO = 'Sample Mono';
export const LATIN_SANS = 'Sample Latin Sans';
export const LATIN_SERIF = 'Sample Latin Serif';

/** Where Debian puts fonts. */
export const FONTS = '/usr/share/fonts';

interface FontFile {
  readonly file: string;
  readonly family: string;
  /** The Debian package that brings it. */
  readonly from: string;
}

const FILES: readonly FontFile[] = [
  { file: 'opentype/noto/NotoSerifCJK-Regular.ttc', family: SERIF, from: 'fonts-noto-cjk' },
  { file: 'opentype/noto/NotoSansCJK-Regular.ttc', family: SANS, from: 'fonts-noto-cjk' },
  { file: 'truetype/arphic/uming.ttc', family: SONG, from: 'fonts-arphic-uming' },
  { file: 'truetype/liberation/LiberationMono-Regular.ttf', family: MONO, from: 'fonts-liberation' },
  { file: 'truetype/liberation/LiberationSans-Regular.ttf', family: LATIN_SANS, from: 'fonts-liberation' },
  { file: 'truetype/liberation/LiberationSerif-Regular.ttf', family: LATIN_SERIF, from: 'fonts-liberation' },
];

/** `directory` holds the fonts as Debian lays them. */
export function registerFonts(directory: string = FONTS): void {
  for (const { file, family, from } of FILES) {
    if (GlobalFonts.registerFromPath(`${directory}/${file}`, family) === null) {
      throw new Error(`There is no font ${file} in ${directory}; the Debian package ${from} has it.`);
    }
  }
}

export interface TextStyle {
  readonly size: number;
  readonly family?: string;
  readonly color?: string;
  readonly align?: 'left' | 'center' | 'right';
  readonly bold?: boolean;
  /** Narrows the text to this width by squeezing it, as invoice printers do. */
  readonly maxWidth?: number;
}

/** Drawing in logical units, whatever the resolution. Text is placed by its baseline. */
export class Sheet {
  readonly context: SKRSContext2D;

  constructor(context: SKRSContext2D) {
    this.context = context;
    context.lang = 'zh-Hans';
  }

  static create(
    width: number,
    height: number,
    scale: number,
    paper: string,
  ): { sheet: Sheet; canvas: Canvas } {
    const canvas = createCanvas(Math.round(width * scale), Math.round(height * scale));
    const context = canvas.getContext('2d');
    context.scale(scale, scale);
    context.fillStyle = paper;
    context.fillRect(0, 0, width, height);
    return { sheet: new Sheet(context), canvas };
  }

  text(value: string, x: number, y: number, style: TextStyle): void {
    const { context } = this;
    this.#apply(style);
    if (style.maxWidth === undefined) context.fillText(value, x, y);
    else context.fillText(value, x, y, style.maxWidth);
  }

  width(value: string, style: TextStyle): number {
    this.#apply(style);
    return this.context.measureText(value).width;
  }

  /** One character below the other, centred on `x`, spread evenly between `top` and `bottom`. */
  column(value: string, x: number, top: number, bottom: number, style: TextStyle): void {
    const step = (bottom - top) / value.length;
    [...value].forEach((character, index) => {
      const y = top + step * (index + 0.5) + style.size * 0.36;
      this.text(character, x, y, { ...style, align: 'center' });
    });
  }

  /** Breaks text into lines that fit, character by character. */
  wrap(value: string, width: number, style: TextStyle): string[] {
    const lines = [''];
    for (const character of value) {
      const line = (lines.at(-1) ?? '') + character;
      if (this.width(line, style) > width) lines.push(character);
      else lines[lines.length - 1] = line;
    }
    return lines;
  }

  line(fromX: number, fromY: number, toX: number, toY: number, color: string, width = 1.2): void {
    const { context } = this;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
    context.stroke();
  }

  box(left: number, top: number, right: number, bottom: number, color: string, width = 1.6): void {
    this.context.strokeStyle = color;
    this.context.lineWidth = width;
    this.context.strokeRect(left, top, right - left, bottom - top);
  }

  #apply(style: TextStyle): void {
    const { context } = this;
    context.font = `${style.bold ? 'bold ' : ''}${style.size}px "${style.family ?? SERIF}", "${SANS}"`;
    context.fillStyle = style.color ?? '#1a1a1a';
    context.textAlign = style.align ?? 'left';
  }
}
