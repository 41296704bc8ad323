// node quantize.mjs FROM TO: the int8 variant of an ONNX file, by the product's own quantizer.
import { readFileSync, writeFileSync } from 'node:fs';
import { quantize } from '@trivium/onnx';

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new Error('usage: node quantize.mjs FROM TO');
const { bytes, report } = quantize(readFileSync(from), { variant: 'int8' });
writeFileSync(to, bytes);
console.log(`${report.bytesBefore} bytes to ${report.bytesAfter}, ${report.changed.length} nodes changed`);
