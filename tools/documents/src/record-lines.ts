import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocument } from '@trivium/contracts/ocr-certification';
import { RunningServices } from './score/running-services.js';

/**
 * `node record-lines.js FOLDER [TARGET]`: what the reader makes of each JPEG, as fixtures for the rules: a
 * line with the page's size, then one for each line of text.
 */
const [folder = 'samples/documents', target = folder] = process.argv.slice(2);
await using services = await RunningServices.start();
for (const name of (await readdir(folder)).filter((file) => file.endsWith('.jpg')).sort()) {
  const document = await services.messaging.blobs.put(await readFile(join(folder, name)), 'image/jpeg');
  const { pages } = await services.messaging.call(readDocument, { document }, { deadline: 120_000 });
  const lines = pages.flatMap(({ width, height, lines: read }) => [
    { width, height },
    ...read.map(({ text, confidence, quadrilateral }) => ({
      text,
      confidence: Math.round(confidence * 1000) / 1000,
      quadrilateral: quadrilateral.map((point) => point.map(Math.round)),
    })),
  ]);
  await writeFile(
    join(target, name.replace('.jpg', '.jsonl')),
    `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
  );
}
