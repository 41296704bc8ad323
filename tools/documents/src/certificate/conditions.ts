import sharp from 'sharp';
import type { Random } from '../invoice/random.js';
import type { PhotoStyle } from '../photo/photograph.js';

/** How well the picture was taken. The first three can be judged; each of the others must be taken again. */
export const CONDITIONS = ['clean', 'mild', 'hard', 'blurred', 'glare', 'dark', 'screen', 'small'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** The measure that must fail, of conditions that cannot be judged. */
export const FAULT_OF = {
  clean: null,
  mild: null,
  hard: null,
  blurred: 'quality:sharpness',
  glare: 'quality:glare',
  dark: 'quality:darkness',
  screen: 'quality:screen-pattern',
  small: 'quality:resolution',
} as const satisfies Record<Condition, `quality:${string}` | null>;

/** For {@link photograph}: how the sheet lies and is lit. */
export function styleFor(condition: Condition, random: Random): PhotoStyle {
  const mild: PhotoStyle = {
    width: random.integer(1150, 1500),
    rotation: random.between(-2, 2),
    perspective: 0.006,
    margin: 0.03,
    shadow: 0.12,
    noise: 2,
    blur: 0.5,
    quality: 76,
  };
  if (condition === 'clean') return { ...mild, rotation: 0.2, perspective: 0, shadow: 0, noise: 0, blur: 0 };
  if (condition === 'hard') {
    return {
      ...mild,
      rotation: random.between(2, 6) * random.sign(),
      perspective: 0.018,
      shadow: 0.35,
      noise: 5,
      blur: 0.7,
      quality: 45,
    };
  }
  return condition === 'dark' ? { ...mild, noise: 3 } : mild;
}

/** What happens to the photograph after it was taken, or between sheet and lens. */
export async function spoilPhoto(jpeg: Buffer, condition: Condition, random: Random): Promise<Buffer> {
  const image = sharp(jpeg);
  const { width, height } = await image.metadata();
  switch (condition) {
    case 'clean':
    case 'mild':
    case 'hard':
      return jpeg;
    case 'blurred':
      return image.blur(random.between(3.5, 5)).jpeg({ quality: 80 }).toBuffer();
    case 'dark':
      return image.linear(random.between(0.14, 0.22), 2).jpeg({ quality: 80 }).toBuffer();
    case 'small':
      return image
        .resize({ width: Math.round(width * 0.34) })
        .jpeg({ quality: 80 })
        .toBuffer();
    case 'glare':
      return composite(jpeg, reflection(width, height, random));
    case 'screen':
      return composite(jpeg, pixelGrid(width, height, random), 'multiply');
  }
}

function composite(jpeg: Buffer, svg: string, blend: 'over' | 'multiply' = 'over'): Promise<Buffer> {
  return sharp(jpeg)
    .composite([{ input: Buffer.from(svg), blend }])
    .jpeg({ quality: 82 })
    .toBuffer();
}

/** A lamp mirrored in a laminated sheet. */
function reflection(width: number, height: number, random: Random): string {
  const [x, y] = [random.between(0.3, 0.7) * width, random.between(0.3, 0.7) * height];
  const [rx, ry] = [random.between(0.16, 0.24) * width, random.between(0.16, 0.24) * height];
  return `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg"><defs><radialGradient id="g"><stop offset="0.7" stop-color="#fff"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient></defs><ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="url(#g)"/></svg>`;
}

/** The grid of a display's pixels beating against the camera's: slanted, a few pixels a period. */
function pixelGrid(width: number, height: number, random: Random): string {
  const period = random.between(3.4, 6.5);
  const angle = random.between(8, 35);
  return `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg"><defs><pattern id="p" width="${period}" height="${period}" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><rect width="${period}" height="${period}" fill="#fff"/><rect width="${period * 0.4}" height="${period}" fill="#cfd6e2"/><rect width="${period}" height="${period * 0.25}" fill="#dcdcdc"/></pattern></defs><rect width="${width}" height="${height}" fill="url(#p)"/></svg>`;
}
