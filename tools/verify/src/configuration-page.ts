import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ConfigRow, describeConfig, platformConfig } from '@trivium/platform';
import { z } from 'zod';

const PAGE = 'docs/guides/configuration.md';

/** Complaints when the page is not what the schemas say; none when it is. */
export async function staleConfigurationPage(root: string): Promise<string[]> {
  const written = await readFile(join(root, PAGE), 'utf8').catch(() => '');
  return written === (await renderPage(root)) ? [] : [`${PAGE} is out of date: npm run docs`];
}

export async function writeConfigurationPage(root: string): Promise<void> {
  await writeFile(join(root, PAGE), await renderPage(root));
}

async function renderPage(root: string): Promise<string> {
  const sections = [section('Every service', describeConfig(platformConfig))];
  for (const app of (await readdir(join(root, 'apps'))).sort()) {
    sections.push(section(app, withoutRoot(root, describeConfig(await schemaOf(root, app)))));
  }
  return [
    '# Configuration',
    '',
    '<!-- Written by `npm run docs` from the schemas in apps/*/src/*.config.ts; do not edit. -->',
    '',
    'Each variable can also be given as a file: `NAME_FILE` names a file that holds the value of a secret.',
    'A service that finds a fault in its configuration names every faulty variable, never a value, and ends.',
    '',
    ...sections,
  ].join('\n');
}

/** The schema that an app's configuration module exports for the service as a whole. */
async function schemaOf(root: string, app: string): Promise<z.ZodObject> {
  const file = pathToFileURL(join(root, 'apps', app, 'dist', `${app}.config.js`)).href;
  const schemas = Object.values((await import(file)) as Record<string, unknown>).filter(
    (value) => value instanceof z.ZodObject,
  );
  const widest = schemas.sort((a, b) => Object.keys(b.shape).length - Object.keys(a.shape).length)[0];
  if (widest === undefined) throw new Error(`${file} exports no schema`);
  return widest;
}

/** A default under the checkout is shown from there: the page must not depend on where it was written. */
function withoutRoot(root: string, rows: readonly ConfigRow[]): readonly ConfigRow[] {
  return rows.map((row) => ({ ...row, default: row.default.replace(`${root}/`, '') }));
}

function section(title: string, rows: readonly ConfigRow[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  return [
    `## ${title}`,
    '',
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...rows.map(
      ({ name, default: fallback, description, required, secret }) =>
        `| \`${name}\` | ${required ? 'required' : fallback === '' ? '' : `\`${cell(fallback)}\``} | ${cell(description)}${secret ? ' (secret)' : ''} |`,
    ),
    '',
  ].join('\n');
}
