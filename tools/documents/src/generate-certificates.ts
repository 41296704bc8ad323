import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spoilPhoto, styleFor } from './certificate/conditions.js';
import { registerMonospace } from './certificate/draw-passport.js';
import { carryOut, planCertificates } from './certificate/plan-certificates.js';
import { renderCertificate } from './certificate/render-certificate.js';
import { registerFonts } from './drawing/sheet.js';
import { Random } from './invoice/random.js';
import { photograph } from './photo/photograph.js';

const [folder = 'samples/certificates', count = '6', firstSeed = '1', fonts = '/usr/share/fonts'] =
  process.argv.slice(2);
registerFonts(fonts);
registerMonospace(join(fonts, 'truetype/liberation'));
await mkdir(folder, { recursive: true });

for (const plan of planCertificates(Number(count), Number(firstSeed))) {
  const name = `certificate-${String(plan.seed).padStart(3, '0')}`;
  const { specification, truth } = carryOut(plan, `${name}.jpg`);
  const random = new Random(plan.seed * 31);
  const flat = renderCertificate(specification, 1.6);
  const taken = await photograph(flat, styleFor(plan.condition, random), plan.seed);
  await writeFile(join(folder, `${name}.jpg`), await spoilPhoto(taken, plan.condition, random));
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(truth, null, 2)}\n`);
  console.log(`${name}.jpg ${plan.layout} ${plan.forgery ?? 'honest'} ${plan.condition}`);
}
