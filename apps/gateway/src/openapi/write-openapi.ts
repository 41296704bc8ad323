import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { allEndpoints } from './all-endpoints.js';
import { openApiDocument } from './openapi-document.js';

/** Writes the OpenAPI page as a file: `node dist/openapi/write-openapi.js docs/openapi.json`. */
const { positionals } = parseArgs({ allowPositionals: true });
const [path] = positionals;
if (path === undefined) throw new Error('Say where to write it.');
await writeFile(path, `${JSON.stringify(openApiDocument(allEndpoints()), null, 2)}\n`);
