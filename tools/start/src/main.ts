import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type House, startHouse } from './house.js';
import { readyMessage } from './ready-message.js';
import { readSettings } from './settings.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const report = (line: string): void => console.log(line);

const asked = new AbortController();
let house: House | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (asked.signal.aborted) house?.killAll();
    else report('\nStopping (press Ctrl-C again to stop at once)');
    asked.abort(new Error('Stopped while starting'));
  });
}

try {
  const settings = await readSettings(root, process.env);
  house = await startHouse(settings, report, asked.signal);
  report(readyMessage(settings));
  if (!asked.signal.aborted) await once(asked.signal, 'abort');
  await house[Symbol.asyncDispose]();
  report('Stopped');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = asked.signal.aborted ? 0 : 1;
}
