import type { TextLine } from '@trivium/contracts/vision-inference';
import { strToU8, zipSync } from 'fflate';

interface PrintedPage {
  /** In millimetres; lines are placed in the same unit. */
  readonly width: number;
  readonly height: number;
  readonly lines: readonly TextLine[];
}

const NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"';

/** An OFD of one page that prints lines where they were read, each squeezed into its place. */
export function textOfd({ width, height, lines }: PrintedPage): Uint8Array {
  const files = {
    'OFD.xml': `<ofd:OFD ${NAMESPACE}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`,
    'Doc_0/Document.xml': `<ofd:Document ${NAMESPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 ${width} ${height}</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>`,
    'Doc_0/Pages/Page_0/Content.xml': `<ofd:Page ${NAMESPACE}><ofd:Content><ofd:Layer>${lines.map(print).join('')}</ofd:Layer></ofd:Content></ofd:Page>`,
  };
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
}

function print({ text, quadrilateral }: TextLine): string {
  const [[left, top], [right], , [, bottom]] = quadrilateral;
  const size = bottom - top;
  const characters = Array.from(text);
  const widths = characters.map((character) => (character < '\u2e80' ? 0.5 : 1));
  const stretch = (right - left) / widths.reduce((sum, width) => sum + width, 0);
  const deltas = widths.map((width) => (width * stretch).toFixed(3)).join(' ');
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<ofd:TextObject Boundary="${left} ${top} ${right - left} ${size}" Size="${size}"><ofd:TextCode X="0" Y="${0.86 * size}" DeltaX="${deltas}">${escaped}</ofd:TextCode></ofd:TextObject>`;
}
