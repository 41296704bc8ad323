import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { brokenLinks } from './documentation-links.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'trivium-links-'));
  for (const page of ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'samples/README.md']) {
    await write(page, '# Page\n');
  }
  await write('docs/guide.md', '# Guide\n\n## What it costs, in `bytes`\n\n## 限制\n');
  await write('apps/main.ts', '');
});

afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

it.each([
  ['a file', '[main](../apps/main.ts)'],
  ['a folder', '[apps](../apps)'],
  ['an address', '[site](https://example.com/gone) and <mailto:a@example.com>'],
  ['a heading of another page', '[costs](guide.md#what-it-costs-in-bytes) and [limits](guide.md#限制)'],
  ['a heading of its own', '# Here\n\n[here](#here)'],
  ['code', '`[x](gone.md)`\n\n```md\n[x](gone.md)\n```\n'],
])('lets %s pass', async (_policy, text) => {
  await write('docs/page.md', text);

  expect(await brokenLinks(root)).toEqual([]);
});

it.each([
  ['a file that is not there', '\n[x](gone.md)', 'docs/page.md:2: gone.md leads nowhere'],
  ['code as the words of a link', '[`x`](gone.md)', 'docs/page.md:1: gone.md leads nowhere'],
  ['a reference', '[x]: gone.md', 'docs/page.md:1: gone.md leads nowhere'],
  ['a link after a fence', '```\n```\n[x](gone.md)', 'docs/page.md:3: gone.md leads nowhere'],
  ['a way out', '[x](../../etc/hosts)', 'docs/page.md:1: ../../etc/hosts leaves the repository'],
  ['no heading', '[x](guide.md#price)', 'docs/page.md:1: guide.md#price names no heading'],
])('reports %s', async (_policy, text, complaint) => {
  await write('docs/page.md', text);

  expect(await brokenLinks(root)).toEqual([complaint]);
});

it('reports a page that should be there', async () => {
  await rm(join(root, 'CONTRIBUTING.md'));

  expect(await brokenLinks(root)).toEqual(['CONTRIBUTING.md: does not exist']);
});
