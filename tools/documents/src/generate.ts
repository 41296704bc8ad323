import { PDFDocument, type SKRSContext2D } from '@napi-rs/canvas';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawInvoice, invoiceHeight, renderInvoice, SHEET_WIDTH } from './drawing/draw-invoice.js';
import { composeSample, type Sample } from './compose-sample.js';
import { FONTS, registerFonts, Sheet } from './drawing/sheet.js';
import { type InvoiceSpecification } from './invoice/specification.js';
import { photograph } from './photo/photograph.js';
import { drawNotice, drawTwoColumns, type Picture } from './pictures/draw-pictures.js';
import { type SamplePlan, SAMPLES } from './plan.js';

const [target = 'samples', fonts = FONTS] = process.argv.slice(2);
registerFonts(fonts);
await mkdir(join(target, 'invoices'), { recursive: true });
await mkdir(join(target, 'pictures'), { recursive: true });

for (const [index, plan] of SAMPLES.entries()) {
  const sample = composeSample(plan, index);
  const size = await writeInvoice(sample, plan);
  if (index === 0)
    await writeFile(join(target, 'invoices', `${sample.name}.pdf`), pdfOf(sample.invoice, plan.seed));
  console.log(`${sample.name}.jpg ${plan.split} ${Math.round(size / 1000)} kB`);
}
await writePicture('notice-en', drawNotice());
await writePicture('two-columns', drawTwoColumns());

async function writeInvoice({ name, invoice, truth }: Sample, plan: SamplePlan): Promise<number> {
  const scale = plan.photo.width > 1300 ? 2.5 : 2;
  const jpeg = await photograph(renderInvoice(invoice, plan.seed, scale), plan.photo, plan.seed);
  await writeFile(join(target, 'invoices', `${name}.jpg`), jpeg);
  await writeJson(join(target, 'invoices', `${name}.json`), truth);
  return jpeg.length;
}

/** One page of A4 width, drawn with text and lines, not a picture. */
function pdfOf(invoice: InvoiceSpecification, seed: number): Buffer {
  const scale = 595 / SHEET_WIDTH;
  const pdf = new PDFDocument({ title: invoice.title, compressionLevel: 9 });
  // @NOTE the typings name the browser's context; what comes is the package's own
  const context = pdf.beginPage(595, Math.ceil(invoiceHeight(invoice) * scale)) as unknown as SKRSContext2D;
  context.scale(scale, scale);
  drawInvoice(new Sheet(context), invoice, seed);
  pdf.endPage();
  return pdf.close();
}

async function writePicture(name: string, picture: Picture): Promise<void> {
  await writeFile(join(target, 'pictures', `${name}.png`), picture.png);
  await writeJson(join(target, 'pictures', `${name}.json`), { file: `${name}.png`, lines: picture.lines });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
