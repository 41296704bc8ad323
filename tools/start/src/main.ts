import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type House, startHouse } from './house.js';
import { readyMessage } from './ready-message.js';
import { readSettings } from './settings.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const report = (line: string): void => console.log(line);

let house: House | undefined;
const stopped = new Promise<NodeJS.Signals>((resolve) => {
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked += 1;
      if (asked > 1) house?.killAll();
      resolve(signal);
    });
  }
});

try {
  const settings = await readSettings(root, process.env);
  const starting = startHouse(settings, report);
  // A signal while starting waits for the start to settle, so that whatever was begun is also ended.
  house = await starting;
  report(readyMessage(settings));
  await stopped;
  report('\nStopping (press Ctrl-C again to stop at once)');
  await house[Symbol.asyncDispose]();
  report('Stopped');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
