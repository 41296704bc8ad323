import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));
/** Hundreds of megabytes that nothing else needs, which is why it is no part of the workspace. */
const PEERS = join(CHECKOUT, 'tools', 'bench', 'peers');
const FILES = ['package.json', 'package-lock.json'];
/** Not `ci`: a registry may lack builds for other systems, which are optional and then missing in the lock file too. */
const INSTALL = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

const run = promisify(execFile);

/**
 * Installs the peers with npm, as it is configured here, unless that was done before; answers the folder
 * that holds their `node_modules`.
 * @throws what npm said, where it could not
 */
export async function installPeers(progress: (text: string) => void): Promise<string> {
  const folder = join(resolve(CHECKOUT, process.env['TRIVIUM_HOME'] ?? '.trivium'), 'bench', 'peers');
  if (await isInstalled(folder)) return folder;
  progress('installing the peers, once (1.2 GB)');
  await mkdir(folder, { recursive: true });
  // What an earlier lock file installed must not pass for this one's when the installation fails.
  await rm(join(folder, 'node_modules'), { recursive: true, force: true });
  for (const file of FILES) await copyFile(join(PEERS, file), join(folder, file));
  await run('npm', INSTALL, { cwd: folder });
  return folder;
}

/** npm writes down what it installed last of all. */
async function isInstalled(folder: string): Promise<boolean> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const installed = await read(join(folder, 'node_modules', '.package-lock.json'));
  const copied = await read(join(folder, 'package-lock.json'));
  return installed !== '' && copied === (await read(join(PEERS, 'package-lock.json')));
}
