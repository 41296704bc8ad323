import { encodeQR } from 'qr';
import type { TextLine } from '@trivium/contracts/vision-inference';

interface PrintedPage {
  /** In points, which are pixels at 72 dots per inch. */
  readonly width: number;
  readonly height: number;
  readonly lines: readonly TextLine[];
  /** Text of a QR code in the top left corner. */
  readonly code?: string;
}

/** A Chinese font by UTF-16 codes that is not embedded: characters as wide as high, Latin half as wide. */
const FONT = [
  '<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>',
  '<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000/W[1 95 500]/FontDescriptor 5 0 R>>',
  '<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>',
];

/** A PDF that prints lines where they were read, each squeezed into its place. */
export function textPdf(pages: readonly PrintedPage[]): Uint8Array {
  const first = 3 + FONT.length;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Count ${pages.length}/Kids[${pages.map((_, index) => `${first + 2 * index} 0 R`).join(' ')}]>>`,
    ...FONT,
    ...pages.flatMap((page, index) => [
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${page.width} ${page.height}]/Resources<</Font<</C 3 0 R>>>>/Contents ${first + 2 * index + 1} 0 R>>`,
      stream(page.lines.map((line) => print(line, page.height)).join('') + draw(page)),
    ]),
  ];
  let file = '%PDF-1.7\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return Buffer.from(
    `${file}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<</Size ${size}/Root 1 0 R>>\nstartxref\n${file.length}\n%%EOF\n`,
    'latin1',
  );
}

const MODULE = 3;

/** With the quiet zone that readers need, on whatever is printed there. */
function draw({ code, height }: PrintedPage): string {
  if (code === undefined) return '';
  const modules = encodeQR(code, 'raw', { border: 4 });
  const side = modules.length * MODULE;
  const dark = modules.flatMap((row, y) =>
    row.flatMap((isDark, x) =>
      isDark ? [`${x * MODULE} ${height - (y + 1) * MODULE} ${MODULE} ${MODULE} re`] : [],
    ),
  );
  return `1 g 0 ${height - side} ${side} ${side} re f 0 g ${dark.join(' ')} f\n`;
}

const stream = (content: string): string => `<</Length ${content.length}>>\nstream\n${content}\nendstream`;

function print({ text, quadrilateral }: TextLine, pageHeight: number): string {
  const [[left, top], [right, rightTop], , [bottomLeft, bottom]] = quadrilateral;
  const size = Math.hypot(bottomLeft - left, bottom - top);
  const angle = Math.atan2(top - rightTop, right - left);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const natural = Array.from(text).reduce((sum, character) => sum + (character < '\u2e80' ? 0.5 : 1), 0);
  const stretch = (100 * Math.hypot(right - left, rightTop - top)) / (natural * size);
  const place = [cosine, sine, -sine, cosine, bottomLeft, pageHeight - bottom + 0.12 * size];
  const hex = Buffer.from(text, 'utf16le').swap16().toString('hex');
  return `BT /C ${size.toFixed(2)} Tf ${stretch.toFixed(2)} Tz ${place.map((value) => value.toFixed(4)).join(' ')} Tm <${hex}> Tj ET\n`;
}
