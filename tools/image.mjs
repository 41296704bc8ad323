// Collects what one service needs at run time, from an installed and compiled workspace:
//
//   node tools/image.mjs packages <app> <target folder>   its npm packages, as package-lock.json resolves them
//   node tools/image.mjs files <app> <target folder>      its compiled files, those of its libraries, its data
//
// Two commands, because packages change rarely: a change of source leaves their image layer as it was.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, app, target] = process.argv.slice(2);
const commands = { packages: copyPackages, files: copyFiles };
if (!(command in commands) || target === undefined) {
  console.error(`Usage: node tools/image.mjs ${Object.keys(commands).join('|')} <app> <target folder>`);
  process.exit(1);
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
const service = join('apps', app);
if (!(service in lock)) {
  console.error(`There is no ${service} in package-lock.json`);
  process.exit(1);
}
commands[command](closureOf(service));

function copyPackages(closure) {
  for (const location of closure) {
    const source = join(root, location);
    if (isWorkspace(location) || !existsSync(source)) continue;
    const destination = join(target, location);
    mkdirSync(dirname(destination), { recursive: true });
    if (lock[location].link) {
      symlinkSync(relative(dirname(destination), join(target, lock[location].resolved)), destination);
    } else {
      cpSync(source, destination, { recursive: true, filter: (path) => isShipped(relative(source, path)) });
    }
  }
}

function copyFiles(closure) {
  /** Beside `dist` and the manifest: data files that a service reads. */
  const sourceOnly = /^(src|test|node_modules|project\.json|tsconfig(\..+)?\.json)$/;
  for (const workspace of closure.filter(isWorkspace)) {
    for (const entry of readdirSync(join(root, workspace))) {
      if (sourceOnly.test(entry)) continue;
      mkdirSync(join(target, workspace), { recursive: true });
      cpSync(join(root, workspace, entry), join(target, workspace, entry), {
        recursive: true,
        filter: (path) => !/\.(d\.ts|d\.ts\.map|tsbuildinfo)$/.test(path),
      });
    }
  }
  cpSync(join(root, 'models'), join(target, 'models'), {
    recursive: true,
    filter: (path) => isServed(relative(join(root, 'models'), path).split(sep)),
  });
}

/** Of a pack, its description and its versions; the recipe that trained it stays in the repository. */
function isServed([pack, entry]) {
  return pack === 'catalog' || entry === undefined || entry === 'model.yaml' || /^[1-9][0-9]*$/.test(entry);
}

/** The keys of the lock file that are reached from a workspace without its development dependencies. */
function closureOf(workspace) {
  const reached = new Set([workspace]);
  for (const location of reached) {
    const entry = lock[location];
    if (entry.link) {
      reached.add(entry.resolved);
      continue;
    }
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = entry;
    const peers = Object.keys(peerDependencies ?? {}).filter(
      (name) => !peerDependenciesMeta?.[name]?.optional,
    );
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      const found = resolve(name, location);
      if (found !== undefined) reached.add(found);
      else if (dependencies?.[name] !== undefined && optionalDependencies?.[name] === undefined) {
        throw new Error(`package-lock.json has no ${name} for ${location}`);
      }
    }
  }
  return [...reached];
}

/** As Node finds a package: in the `node_modules` beside, then in those of the folders above. */
function resolve(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const location = folder === '.' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (location in lock) return location;
    if (folder === '.') return undefined;
  }
}

function isWorkspace(location) {
  return !location.includes('node_modules/');
}

/** Types, source maps and pages to read are left out, licences kept; so are programs of other machines. */
function isShipped(path) {
  if (/^(licen[cs]e|notice|copying)/i.test(basename(path))) return true;
  if (/\.(d\.[cm]?ts|[cm]?ts|map|md|markdown|tsbuildinfo)$/.test(path)) return false;
  return isOfThisMachine(path.split(sep));
}

/** Native packages keep one folder for each machine: `bin/napi-v6/linux/x64`, `prebuilds/linux-x64`. */
function isOfThisMachine(folders) {
  const { platform, arch } = process;
  const native = folders.findIndex((folder) => /^napi-v\d+$/.test(folder));
  if (native >= 0) return [platform, arch].every((own, at) => (folders[native + 1 + at] ?? own) === own);
  const prebuilt = folders.indexOf('prebuilds');
  return prebuilt < 0 || (folders[prebuilt + 1] ?? `${platform}-${arch}`).startsWith(`${platform}-${arch}`);
}
