import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

const PAGES = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'samples/README.md'];
const FOLDER = 'docs';

/** Links in the documentation that lead to no file, out of the repository or to no heading. */
export async function brokenLinks(root: string): Promise<string[]> {
  const inFolder = await readdir(join(root, FOLDER), { recursive: true });
  const pages = [
    ...PAGES,
    ...inFolder.filter((name) => name.endsWith('.md')).map((name) => join(FOLDER, name)),
  ];
  const complaints = await Promise.all(pages.map((page) => brokenLinksOf(root, page)));
  return complaints.flat();
}

async function brokenLinksOf(root: string, page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8').catch(() => undefined);
  if (text === undefined) return [`${page}: does not exist`];
  const complaints: string[] = [];
  for (const { target, line } of linksOf(text)) {
    const fault = await faultOf(root, page, target);
    if (fault !== undefined) complaints.push(`${page}:${line}: ${target} ${fault}`);
  }
  return complaints;
}

async function faultOf(root: string, page: string, target: string): Promise<string | undefined> {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [path = '', anchor] = target.split('#', 2);
  const file = path === '' ? join(root, page) : resolve(root, dirname(page), decodeURI(path));
  if (relative(root, file).startsWith('..')) return 'leaves the repository';
  if ((await stat(file).catch(() => undefined)) === undefined) return 'leads nowhere';
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  return headingsOf(await readFile(file, 'utf8')).has(anchor) ? undefined : 'names no heading';
}

interface Link {
  readonly target: string;
  readonly line: number;
}

/** Inline and reference links; what stands in code is no link. */
function linksOf(text: string): Link[] {
  return proseOf(text).flatMap((prose, index) =>
    [...prose.matchAll(/\]\(\s*<?([^)\s>]+)[^)]*\)|^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g)].map((match) => ({
      target: match[1] ?? match[2] ?? '',
      line: index + 1,
    })),
  );
}

/** The anchors that a renderer gives to headings. */
function headingsOf(text: string): Set<string> {
  const anchors = withoutFences(text).flatMap((line) => {
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (heading === undefined) return [];
    return heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\p{Mark}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
  });
  return new Set(anchors);
}

function proseOf(text: string): string[] {
  return withoutFences(text).map((line) => line.replace(/`[^`]*`/g, '`code`'));
}

/** Line by line, with what is fenced left blank, so that line numbers stay true. */
function withoutFences(text: string): string[] {
  let fence: string | undefined;
  return text.split('\n').map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && mark === undefined) return line;
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) === true) fence = undefined;
    return '';
  });
}
