// Writes the first API key to the file named, unless it is there: the one given, or a new one.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const given = process.env.TRIVIUM_API_KEY;
if (given) {
  writeFileSync(file, given + '\n');
  console.log('The API key is the one from TRIVIUM_API_KEY.');
} else if (existsSync(file) && readFileSync(file, 'utf8').trim() !== '') {
  console.log('The API key is the one that was made on the first start.');
} else {
  const made = `sk-trivium-${randomBytes(32).toString('base64url')}`;
  writeFileSync(file, made + '\n');
  console.log(`Your API key, shown this once: ${made}`);
}
// The services run as another user than this container and mount the folder read-only.
chmodSync(file, 0o444);
