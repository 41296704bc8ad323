#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const main = join(import.meta.dirname, '../dist/main.js');
if (existsSync(main)) await import(pathToFileURL(main).href);
else {
  console.error('Not built yet. In the checkout: npm run trivium -- models list');
  process.exitCode = 1;
}
