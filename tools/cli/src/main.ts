import { runCli } from './cli.js';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('Interrupted')));

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  signal: interrupted.signal,
});
