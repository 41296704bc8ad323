/** A PDF whose pages are empty and as wide as told, in points. */
export function blankPdf(widths: readonly number[]): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${widths.length} /Kids [${widths.map((_, index) => `${index + 3} 0 R`).join(' ')}] >>`,
    ...widths.map((width) => `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} 72] >>`),
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return new TextEncoder().encode(text);
}
