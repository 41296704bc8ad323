import type { TextLine } from '@trivium/contracts/vision-inference';
import { type Origin, unsupported } from '../media-type/admit.js';
import { choosePages } from '../page/choose-pages.js';
import { linesOf, type TextPiece } from '../page/text-lines.js';
import type { OfdLimits } from './ofd-limits.js';
import { OfdPackage } from './ofd-package.js';
import { type PageContent, type PageSize, readContent, sizeOf, TooMuchText } from './page-pieces.js';
import { walkXml, XmlFault } from './walk-xml.js';

export interface OfdPage {
  /** From 1. */
  readonly page: number;
  readonly pageCount: number;
  /** Of the picture that the page makes at the resolution asked for, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly lines: readonly TextLine[];
}

export interface OfdJob {
  readonly bytes: Uint8Array;
  readonly pages: readonly number[] | undefined;
  readonly dpi: number;
  readonly limits: OfdLimits;
  readonly origin: Origin;
}

/** What `Document.xml` says of the whole. */
interface Outline {
  readonly path: string;
  readonly pages: readonly string[];
  readonly templates: ReadonlyMap<string, string>;
  readonly size: PageSize;
}

const ROOT = 'OFD.xml';
const MILLIMETRES_PER_INCH = 25.4;
/** A4, for a document that does not say. */
const USUAL_SIZE: PageSize = { width: 210, height: 297 };

/** The text of the pages asked for, as the file stores it; hidden text and text beside the page is left out. */
export async function parseOfd(job: OfdJob): Promise<OfdPage[]> {
  const { limits, origin } = job;
  try {
    const ofd = await OfdPackage.open(job.bytes, limits, origin);
    const outline = await outlineOf(ofd, job);
    const chosen = choosePages('OFD', outline.pages.length, limits.maxPages, { ...origin, pages: job.pages });
    const pages: OfdPage[] = [];
    const templates = new Map<string, PageContent>();
    for (const page of chosen) pages.push(await readPage(page, ofd, outline, templates, job));
    return pages;
  } catch (error) {
    if (error instanceof XmlFault) {
      throw unsupported('The OFD cannot be read: a file inside is no acceptable XML.', origin, error);
    }
    if (error instanceof TooMuchText) {
      throw unsupported(`A page of the OFD holds more than ${limits.maxCharacters} characters.`, origin);
    }
    throw error;
  }
}

async function outlineOf(ofd: OfdPackage, { limits, origin }: OfdJob): Promise<Outline> {
  const root = await ofd.read(ROOT, ROOT);
  let location = '';
  walkXml(root.text, limits.maxDepth, {
    close: ({ name }, text) => {
      if (name === 'DocRoot') location ||= text.trim();
    },
  });
  if (location === '') throw unsupported('The OFD holds no document.', origin);
  const { path, text } = await ofd.read(location, ROOT);
  const pages: string[] = [];
  const templates = new Map<string, string>();
  let size = USUAL_SIZE;
  walkXml(text, limits.maxDepth, {
    open: ({ name, attributes }, open) => {
      const base = attributes['BaseLoc'] ?? '';
      if (name === 'Page' && open.at(-2) === 'Pages') pages.push(base);
      if (name === 'TemplatePage') templates.set(attributes['ID'] ?? '', base);
    },
    close: ({ name }, box) => {
      if (name === 'PhysicalBox') size = sizeOf(box) ?? size;
    },
  });
  if (pages.length === 0) throw unsupported('The OFD has no pages.', origin);
  return { path, pages, templates, size };
}

async function readPage(
  page: number,
  ofd: OfdPackage,
  outline: Outline,
  templates: Map<string, PageContent>,
  { dpi, limits, origin }: OfdJob,
): Promise<OfdPage> {
  const scale = dpi / MILLIMETRES_PER_INCH;
  const read = async (location: string): Promise<PageContent> =>
    readContent((await ofd.read(location, outline.path)).text, scale, limits);
  const own = await read(outline.pages[page - 1] ?? '');
  const pieces = [...own.pieces];
  let { pictures } = own;
  for (const id of new Set(own.templates)) {
    const location = outline.templates.get(id);
    if (location === undefined) continue;
    // @NOTE pages share their templates, so each is inflated and read once
    const template = templates.get(id) ?? (await read(location));
    templates.set(id, template);
    pieces.push(...template.pieces);
    pictures += template.pictures;
  }
  const size = own.size ?? outline.size;
  const [width, height] = [Math.floor(size.width * scale), Math.floor(size.height * scale)];
  if (width < 1 || height < 1) throw unsupported(`Page ${page} of the OFD has no area.`, origin);
  const seen = pieces.filter((piece) => isOn(piece, width, height));
  if (seen.length === 0 && pictures > 0) {
    throw unsupported(
      `Page ${page} of the OFD holds pictures and no text; send it as PDF or as pictures.`,
      origin,
    );
  }
  return { page, pageCount: outline.pages.length, width, height, lines: linesOf(seen) };
}

function isOn({ quadrilateral }: TextPiece, width: number, height: number): boolean {
  const x = quadrilateral.reduce((sum, [value]) => sum + value, 0) / 4;
  const y = quadrilateral.reduce((sum, [, value]) => sum + value, 0) / 4;
  return x >= 0 && y >= 0 && x <= width && y <= height;
}
