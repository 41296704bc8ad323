import sharp from 'sharp';

/** What sets one drawn person apart from another; each value from 0 to 1. */
interface Traits {
  readonly skin: number;
  readonly width: number;
  readonly jaw: number;
  readonly eyeDistance: number;
  readonly eyeSize: number;
  readonly iris: number;
  readonly brows: number;
  readonly nose: number;
  readonly mouth: number;
  readonly hair: number;
  readonly hairLength: number;
}

const TRAITS: readonly (keyof Traits)[] = [
  'skin',
  'width',
  'jaw',
  'eyeDistance',
  'eyeSize',
  'iris',
  'brows',
  'nose',
  'mouth',
  'hair',
  'hairLength',
];

/** Nobody: a portrait of 400 by 480 units, drawn from a seed. */
export function drawnFace(seed: number): string {
  const random = generator(seed);
  const traits = Object.fromEntries(TRAITS.map((name) => [name, random()])) as unknown as Traits;
  return portrait(traits);
}

/** Paper of a size with faces on it, as PNG. */
export async function picture(
  width: number,
  height: number,
  faces: readonly {
    readonly seed: number;
    readonly left: number;
    readonly top: number;
    readonly size: number;
    readonly turn?: number;
  }[],
): Promise<Buffer> {
  const placed = faces.map(({ seed, left, top, size, turn = 0 }) => {
    const scale = size / 400;
    return `<g transform="translate(${left} ${top}) scale(${scale}) rotate(${turn} 200 240)">${drawnFace(seed)}</g>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>${GRADIENTS}</defs><rect width="100%" height="100%" fill="#c9ced6"/>${placed.join('')}</svg>`;
  return sharp(Buffer.from(svg)).blur(0.8).png().toBuffer();
}

const GRADIENTS = `
  <radialGradient id="light" cx="0.42" cy="0.35" r="0.75">
    <stop offset="0" stop-color="#fff" stop-opacity="0.32"/><stop offset="0.55" stop-color="#fff" stop-opacity="0"/>
    <stop offset="1" stop-color="#200" stop-opacity="0.45"/>
  </radialGradient>
  <radialGradient id="hollow"><stop offset="0" stop-color="#300" stop-opacity="0.42"/>
    <stop offset="1" stop-color="#300" stop-opacity="0"/></radialGradient>
  <radialGradient id="shine"><stop offset="0" stop-color="#fff" stop-opacity="0.4"/>
    <stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>`;

function portrait(traits: Traits): string {
  const between = (least: number, most: number, share: number): number => least + (most - least) * share;
  const skin = `hsl(${between(16, 30, traits.skin)} ${between(42, 58, traits.jaw)}% ${between(42, 78, traits.skin)}%)`;
  const hair = `hsl(${between(15, 40, traits.hair)} 45% ${between(8, 38, traits.hair)}%)`;
  const half = between(98, 122, traits.width);
  const chin = between(388, 416, traits.jaw);
  const cheek = between(0.72, 0.95, traits.jaw) * half;
  const eyeY = 218;
  const eyes = between(44, 56, traits.eyeDistance);
  const eye = between(18, 25, traits.eyeSize);
  const iris = `hsl(${between(20, 220, traits.iris)} 45% 30%)`;
  const noseY = between(288, 304, traits.nose);
  const mouthY = noseY + between(40, 48, traits.mouth);
  const mouth = between(36, 52, traits.mouth);
  const brow = between(5, 10, traits.brows);
  const outline = `M${200 - half} 210 C${200 - half} 90 ${200 + half} 90 ${200 + half} 210
    C${200 + half} 290 ${200 + cheek} ${chin - 40} 200 ${chin} C${200 - cheek} ${chin - 40} ${200 - half} 290 ${200 - half} 210Z`;
  const oneEye = (x: number, side: number): string => `
    <ellipse cx="${x}" cy="${eyeY - 4}" rx="${eye * 1.9}" ry="${eye * 1.4}" fill="url(#hollow)"/>
    <path d="M${x - eye} ${eyeY + 2} Q${x} ${eyeY - eye * 0.75} ${x + eye} ${eyeY + 1} Q${x} ${eyeY + eye * 0.6} ${x - eye} ${eyeY + 2}Z" fill="#f4efe9"/>
    <circle cx="${x}" cy="${eyeY - 1}" r="${eye * 0.44}" fill="${iris}"/><circle cx="${x}" cy="${eyeY - 1}" r="${eye * 0.2}" fill="#080808"/>
    <circle cx="${x + 3}" cy="${eyeY - 4}" r="2.4" fill="#fff"/>
    <path d="M${x - eye - 1} ${eyeY + 2} Q${x} ${eyeY - eye * 0.85} ${x + eye + 1} ${eyeY + 1}" stroke="#201410" stroke-width="3.4" fill="none"/>
    <path d="M${x - eye * 1.25} ${eyeY - 26 + side * 2} Q${x} ${eyeY - 40} ${x + eye * 1.25} ${eyeY - 26 - side * 2}" stroke="${hair}" stroke-width="${brow}" fill="none" stroke-linecap="round"/>`;
  return `
    <path d="M${200 - half - 22} ${between(260, 420, traits.hairLength)} C${200 - half - 40} 40 ${200 + half + 40} 40 ${200 + half + 22} ${between(260, 420, traits.hairLength)}Z" fill="${hair}"/>
    <path d="M150 370 L150 440 Q60 455 30 480 L370 480 Q340 455 250 440 L250 370Z" fill="${skin}"/>
    <path d="M30 480 Q70 440 148 436 L200 470 L252 436 Q330 440 370 480Z" fill="#33425c"/>
    <ellipse cx="200" cy="${chin}" rx="70" ry="22" fill="url(#hollow)"/>
    <path d="${outline}" fill="${skin}"/><path d="${outline}" fill="url(#light)"/>
    <path d="M${200 - half - 4} 205 C${200 - half} 90 ${170} 110 205 132 C${240} 110 ${200 + half} 110 ${200 + half + 4} 205 C${200 + half + 6} 60 ${200 - half - 6} 60 ${200 - half - 4} 205Z" fill="${hair}"/>
    ${oneEye(200 - eyes, 1)}${oneEye(200 + eyes, -1)}
    <path d="M${192} ${eyeY + 6} Q${184} ${noseY - 26} ${180} ${noseY - 6} Q200 ${noseY + 14} ${220} ${noseY - 6} Q${216} ${noseY - 26} ${208} ${eyeY + 6}" fill="#300" fill-opacity="0.12"/>
    <ellipse cx="200" cy="${noseY - 12}" rx="12" ry="16" fill="url(#shine)"/>
    <ellipse cx="188" cy="${noseY}" rx="6" ry="3.6" fill="#3a1712" fill-opacity="0.75"/><ellipse cx="212" cy="${noseY}" rx="6" ry="3.6" fill="#3a1712" fill-opacity="0.75"/>
    <path d="M${200 - mouth} ${mouthY} Q${188} ${mouthY - 12} 200 ${mouthY - 6} Q${212} ${mouthY - 12} ${200 + mouth} ${mouthY} Q200 ${mouthY + 22} ${200 - mouth} ${mouthY}Z" fill="#a8504c"/>
    <path d="M${200 - mouth} ${mouthY} Q200 ${mouthY + 6} ${200 + mouth} ${mouthY}" stroke="#4d1a1a" stroke-width="3" fill="none"/>
    <ellipse cx="200" cy="${mouthY + 26}" rx="30" ry="9" fill="url(#hollow)"/>`;
}

/** The same numbers for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
