import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader';

/** Pixels as a browser's `ImageData` holds them: RGBA, 8 bits each, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** More codes are on no page; a longer text is in no code. */
const MOST_CODES = 16;
const LONGEST_TEXT = 8192;

const OPTIONS: ReaderOptions = {
  // @NOTE without the linear codes that have no check character: any row of print may pass for one
  formats: ['QRCode', 'DataMatrix', 'Aztec', 'PDF417', 'Code128', 'Code39', 'EAN13', 'EAN8', 'UPCA'],
  tryHarder: true,
  tryInvert: false,
  maxNumberOfSymbols: MOST_CODES,
};

const module = import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm');
let prepared: Promise<unknown> | undefined;

/** WebAssembly: what a hostile picture does to it stays in its own memory. */
export async function scanCodes({ width, height, data }: Pixels): Promise<DocumentCode[]> {
  prepared ??= prepare();
  await prepared;
  const found = await readBarcodes({ width, height, data, colorSpace: 'srgb' }, OPTIONS);
  return found
    .filter(({ isValid, text }) => isValid && text !== '' && text.length <= LONGEST_TEXT)
    .map(({ symbology, text, position: { topLeft, topRight, bottomRight, bottomLeft } }) => ({
      format: symbology.toLowerCase(),
      text,
      quadrilateral: [
        [topLeft.x, topLeft.y],
        [topRight.x, topRight.y],
        [bottomRight.x, bottomRight.y],
        [bottomLeft.x, bottomLeft.y],
      ],
    }));
}

/** From the package's own file: left alone, the library would fetch it from a public host. */
async function prepare(): Promise<void> {
  const bytes = await readFile(fileURLToPath(module));
  const wasmBinary = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}
