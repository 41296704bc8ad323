import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import type * as xgrammar from '@mlc-ai/web-xgrammar';

export type Xgrammar = typeof xgrammar;

const QUIET = { log: () => undefined, warn: () => undefined, error: () => undefined };
let factory: ((exports: object, ...rest: unknown[]) => void) | undefined;

/**
 * A fresh instance of XGrammar with memory of its own (about 30 ms).
 *
 * The package is a script for browsers that calls itself an ES module, so that `import` cannot load it.
 * It is evaluated with an `exports` object, without `process` (it would otherwise look for files) and with
 * a silent console, because it prints the grammars, and with them the schemas of callers, that it refuses.
 */
export async function loadXgrammar(): Promise<Xgrammar> {
  const require = createRequire(import.meta.url);
  const filename = require.resolve('@mlc-ai/web-xgrammar');
  factory ??= compileFunction(
    await readFile(filename, 'utf8'),
    ['exports', 'module', 'require', '__filename', 'process', 'console'],
    { filename },
  ) as NonNullable<typeof factory>;
  const exports = {};
  factory(exports, { exports }, require, filename, undefined, QUIET);
  return exports as Xgrammar;
}
