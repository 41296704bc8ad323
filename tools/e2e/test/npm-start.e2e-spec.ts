import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@trivium/local-servers';
import { expect, it } from 'vitest';
import { processesWith, root } from '../src/index.js';

it('says where it is, prints a request to paste, and leaves nothing behind after Ctrl-C', async () => {
  const home = await mkdtemp(join(tmpdir(), 'trivium-e2e-start-'));
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), GRPC_PORT: String(await freePort()), TRIVIUM_HOME: home };
  const start = spawn(process.execPath, [join(root, 'tools/start/dist/main.js')], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    start.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (output.includes('Stop: Ctrl-C')) resolve();
    });
    start.once('exit', () => reject(new Error(`npm start ended early:\n${output}`)));
  });

  expect(output).toContain(`Trivium is ready at http://localhost:${port}`);
  const key = /Bearer (sk-trivium-[\w-]+)/.exec(output)?.[1] ?? '';
  const models = await fetch(`http://localhost:${port}/v1/models`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(models.status).toBe(200);
  expect(await processesWith(`TRIVIUM_HOME=${home}`)).not.toHaveLength(0);

  start.kill('SIGINT');
  const [code] = (await once(start, 'exit')) as [number | null];

  expect(code).toBe(0);
  expect(await processesWith(`TRIVIUM_HOME=${home}`)).toEqual([]);
  await rm(home, { recursive: true, force: true });
});
