// Collects what one service needs at run time, beside its npm packages: its own compiled files and
// those of every workspace library it depends on. Usage: node tools/image.mjs <app> <target folder>
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [app, target] = process.argv.slice(2);
if (app === undefined || target === undefined) {
  console.error('Usage: node tools/image.mjs <app> <target folder>');
  process.exit(1);
}

const SCOPE = '@trivium/';
/** Files of a workspace that are needed only to compile or test it. */
const NOT_SHIPPED = /(^|\/)(\.spec|\.tsbuildinfo)($|\/)|\.(d\.ts|d\.ts\.map|tsbuildinfo)$/;
/** Beside `dist` and the manifest: data files that a service reads. */
const SOURCE_ONLY = new Set([
  'src',
  'test',
  'node_modules',
  'project.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.spec.json',
]);

const wanted = new Set();
follow(join('apps', app));
for (const workspace of wanted) {
  for (const entry of readdirSync(join(root, workspace))) {
    if (SOURCE_ONLY.has(entry)) continue;
    mkdirSync(join(target, workspace), { recursive: true });
    cpSync(join(root, workspace, entry), join(target, workspace, entry), {
      recursive: true,
      filter: (source) => !NOT_SHIPPED.test(source.slice(root.length)),
    });
  }
}
if (existsSync(join(root, 'models'))) {
  cpSync(join(root, 'models'), join(target, 'models'), { recursive: true });
}

function follow(workspace) {
  if (wanted.has(workspace)) return;
  wanted.add(workspace);
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith(SCOPE)) follow(join('libs', name.slice(SCOPE.length)));
  }
}
