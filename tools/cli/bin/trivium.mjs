#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), '../dist/main.js');
// Under an older Node the checkout's own door still works: it brings Node 24 along.
if (existsSync(main) && Number.parseInt(process.versions.node, 10) >= 24) {
  await import(pathToFileURL(main).href);
} else {
  console.error('Not built yet, or not Node 24. In the checkout: npm run trivium -- models list');
  process.exitCode = 1;
}
