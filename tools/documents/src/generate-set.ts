import { parseArgs } from 'node:util';
import { DRAWN_KINDS, type DrawnKind } from './document/catalogue.js';
import { type Degree, DEGREES, SET_SPLITS, type SetSplit } from './document/splits.js';
import { writeSet } from './document/write-set.js';
import { FONTS, registerFonts } from './drawing/sheet.js';

const USAGE = `Usage: node generate-set.js FOLDER [--split ${SET_SPLITS.join('|')}] [--count N] [--first N]
  [--kind NAME]... [--degree NAME]... [--fonts FOLDER]
Kinds: ${DRAWN_KINDS.join(', ')}
Degrees: ${DEGREES.join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    split: { type: 'string', default: 'dev' },
    count: { type: 'string', default: '3' },
    first: { type: 'string', default: '0' },
    kind: { type: 'string', multiple: true, default: DRAWN_KINDS },
    degree: { type: 'string', multiple: true, default: [...DEGREES] },
    fonts: { type: 'string', default: FONTS },
  },
});
const [folder] = positionals;
const split = SET_SPLITS.find((name) => name === values.split);
const known =
  values.kind.every((kind) => DRAWN_KINDS.includes(kind as DrawnKind)) &&
  values.degree.every((degree) => DEGREES.includes(degree as Degree));
if (folder === undefined || split === undefined || !known) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  registerFonts(values.fonts);
  const entries = await writeSet(folder, wishesOf(split));
  console.log(`${entries.length} documents in ${folder}`);
}

function wishesOf(chosen: SetSplit) {
  return {
    split: chosen,
    count: Number(values.count),
    first: Number(values.first),
    kinds: values.kind as DrawnKind[],
    degrees: values.degree as Degree[],
  };
}
