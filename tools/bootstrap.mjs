// The one door of `npm start`, `npm test`, `npm run bench`, `npm run docs` and `npm run trivium`, on a machine
// that has only Node >= 20 and npm: installs what is missing, builds, then hands over to the tool on
// Node 24. Plain JavaScript, because nothing is compiled yet when it runs.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const ENTRIES = {
  start: { entry: 'tools/start/dist/main.js', without: ['e2e', 'bench', 'documents', 'verify'] },
  test: { entry: 'tools/verify/dist/main.js', without: [] },
  docs: { entry: 'tools/verify/dist/write-docs.js', without: ['e2e', 'bench', 'documents'] },
  bench: { entry: 'tools/bench/dist/main.js', without: ['e2e', 'verify'] },
  // Talks to a server that runs elsewhere: needs no broker, and its output is the answer alone.
  trivium: { entry: 'tools/cli/dist/main.js', only: 'cli' },
};

const [command = 'start', ...args] = process.argv.slice(2);
const target = ENTRIES[command];
if (target === undefined) fail(`Unknown command ${command}. Known: ${Object.keys(ENTRIES).join(', ')}`);
const major = Number.parseInt(process.versions.node, 10);
if (major < 20) fail(`Trivium needs Node 20 or newer; this is ${process.version}.`);

process.chdir(root);
await installNatsServer();
await installDependencies();
const node = existsSync(join(bin, 'node')) ? join(bin, 'node') : process.execPath;
if (node === process.execPath && major < 24) {
  fail(
    `There is no Node 24 on npm for ${process.platform}-${process.arch}. Please install Node 24 or newer.`,
  );
}
/** Node 24 and the workspace's own tools first; Nx without a daemon, so that nothing is left behind. */
const environment = {
  ...process.env,
  PATH: [bin, process.env.PATH].join(delimiter),
  NX_DAEMON: 'false',
  NX_TUI: 'false',
};
await build();
process.exitCode = await handOver();

/** npm's own record of the installed tree is older than the lock file, or missing: install. */
async function installDependencies() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  await step('Installing npm packages', 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
}

/** Only root may install packages; everyone else is told the exact words. */
async function installNatsServer() {
  if (target.only !== undefined || (command === 'start' && process.env.NATS_URL)) return;
  const places = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
  ];
  if (places.some((place) => place !== '' && existsSync(join(place, 'nats-server')))) return;
  const debian = existsSync('/usr/bin/apt-get');
  if (!debian || process.getuid?.() !== 0) {
    fail(
      'nats-server was not found. Install it, then run the same command again:\n\n' +
        (debian
          ? '    sudo apt-get update && sudo apt-get install -y nats-server\n'
          : '    see the releases of github.com/nats-io/nats-server, and put nats-server on the PATH\n') +
        (command === 'start' ? '\nOr set NATS_URL to the address of a server with JetStream.' : ''),
    );
  }
  const quiet = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await step('Refreshing the list of Debian packages', 'apt-get', ['update', '-qq'], quiet);
  await step(
    'Installing nats-server',
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', 'nats-server'],
    quiet,
  );
  // Debian starts a server of its own after the install; ours runs with its own storage on its own port.
  spawnSync('service', ['nats-server', 'stop'], { stdio: 'ignore' });
}

async function build() {
  const { only, without = [] } = target;
  const excluded = without.length > 0 ? ['--exclude', without.join(',')] : [];
  const selected = only === undefined ? excluded : ['--projects', only];
  await step(
    'Building',
    'nx',
    ['run-many', '-t', 'build', '--outputStyle', 'static', ...selected],
    environment,
  );
}

/** Runs one preparation; silent but for a line of progress, unless it fails. */
async function step(title, program, programArgs, env = process.env) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const screen = target.only === undefined ? process.stdout : process.stderr;
  const tty = screen.isTTY;
  const show = () => screen.write(tty ? `\r${title} … ${seconds()} s` : `${title} … ${seconds()} s\n`);
  show();
  const ticker = setInterval(show, tty ? 1000 : 15_000);
  let output = '';
  const child = spawn(program, programArgs, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output = (output + chunk).slice(-20_000)));
  }
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.once('close', resolve);
  });
  clearInterval(ticker);
  if (status !== 0) {
    if (tty) screen.write('\n');
    fail(`${title} failed:\n${output}`);
  }
  const line = `${title} … done in ${seconds()} s`;
  if (tty) screen.write(`\r${line}\n`);
  else if (seconds() > 0) screen.write(`${line}\n`);
}

/** The tool decides what a signal means; this process only waits for it. */
async function handOver() {
  // Paths on the command line are meant from where npm was called.
  const cwd = target.only === undefined ? root : (process.env.INIT_CWD ?? root);
  const child = spawn(node, [join(root, target.entry), ...args], { stdio: 'inherit', env: environment, cwd });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  return await new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1))),
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
