import { Random } from '../invoice/random.js';
import { type InvoiceSpecification } from '../invoice/specification.js';
import { digitalInvoiceHeight, drawDigitalInvoice } from './draw-digital-invoice.js';
import { drawVatInvoice, SHEET_WIDTH, vatInvoiceHeight } from './draw-vat-invoice.js';
import { Sheet } from './sheet.js';

export { SHEET_WIDTH };

/** Height in logical units of the sheet, which is 1120 wide. */
export function invoiceHeight(invoice: InvoiceSpecification): number {
  const { sheet } = Sheet.create(1, 1, 1, '#ffffff');
  const measure = invoice.layout === 'digital' ? digitalInvoiceHeight : vatInvoiceHeight;
  return Math.round(measure(sheet, invoice));
}

export function drawInvoice(sheet: Sheet, invoice: InvoiceSpecification, seed: number): void {
  const draw = invoice.layout === 'digital' ? drawDigitalInvoice : drawVatInvoice;
  draw(sheet, invoice, new Random(seed));
}

/** The flat sheet as PNG, `scale` pixels for each logical unit. */
export function renderInvoice(invoice: InvoiceSpecification, seed: number, scale: number): Buffer {
  const height = invoiceHeight(invoice);
  const { sheet, canvas } = Sheet.create(
    SHEET_WIDTH,
    height,
    scale,
    invoice.layout === 'vat-special' ? '#fdfaf3' : '#ffffff',
  );
  drawInvoice(sheet, invoice, seed);
  return canvas.toBuffer('image/png');
}
