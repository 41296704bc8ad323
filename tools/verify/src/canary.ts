import { readFile } from 'node:fs/promises';
import { ESLint } from 'eslint';

const RULE = '@nx/enforce-module-boundaries';

/** Imports of the canary projects that the boundary rule let pass; none when the rule works. */
export async function unguardedImports(root: string): Promise<string[]> {
  const eslint = new ESLint({ cwd: root, ignore: false });
  const results = await eslint.lintFiles(['tools/canary/*/src/*.ts']);
  const unguarded: string[] = [];
  for (const { filePath, messages } of results) {
    const reported = new Set(messages.filter(({ ruleId }) => ruleId === RULE).map(({ line }) => line));
    const lines = (await readFile(filePath, 'utf8')).split('\n');
    lines.forEach((text, index) => {
      if (text.startsWith('import') && !reported.has(index + 1)) unguarded.push(`${filePath}: ${text}`);
    });
  }
  if (results.length === 0) unguarded.push('no canary file was linted');
  return unguarded;
}
