// Writes the first API key to the file named, unless it is there: the one given, or a new one.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const SHORTEST = 16;
const [file] = process.argv.slice(2);
const given = process.env.TRIVIUM_API_KEY?.trim();
if (given) {
  if (given.length < SHORTEST) {
    process.stderr.write(`TRIVIUM_API_KEY is shorter than ${SHORTEST} characters.\n`);
    process.exit(1);
  }
  keep(given);
  process.stdout.write('The API key is the one from TRIVIUM_API_KEY.\n');
} else if (existsSync(file) && readFileSync(file, 'utf8').trim() !== '') {
  process.stdout.write('The API key is the one of an earlier start.\n');
} else {
  const made = `sk-trivium-${randomBytes(32).toString('base64url')}`;
  keep(made);
  process.stdout.write(`Your API key, shown this once: ${made}\n`);
}

/** Written whole or not at all, readable for this user alone. */
function keep(key) {
  const draft = `${file}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${key}\n`, { mode: 0o400 });
  renameSync(draft, file);
}
