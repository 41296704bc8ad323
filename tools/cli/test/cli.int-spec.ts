import { randomBytes } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../src/cli.js';
import { AdminServer, fail, jobOf, KEY } from './admin-server.js';

const MANIFEST = { id: 'tiny', task: 'embed', licence: 'MIT', commercial_use: true } as const;

let server: AdminServer;
let home: string;

beforeEach(async () => {
  server = await new AdminServer().listen();
  home = await mkdtemp(join(tmpdir(), 'trivium-cli-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  line: readonly string[],
  options: { env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<Ran> {
  const out = new PassThrough();
  const err = new PassThrough();
  const env = { TRIVIUM_URL: server.url, TRIVIUM_HOME: home, TRIVIUM_API_KEY: KEY, ...options.env };
  const signal = options.signal ?? new AbortController().signal;
  const exit = await runCli(line, { env, out, err, signal });
  return { exit, out: text(out), err: text(err) };
}

const text = (stream: PassThrough) => ((stream.read() as Buffer | null) ?? '').toString();
const models = (...words: string[]) => run(['models', ...words]);

describe('trivium models', () => {
  it('list shows what serves', async () => {
    server.add(MANIFEST, '1', '2');
    const { exit, out } = await models('list');

    expect(exit).toBe(0);
    expect(out).toMatch(
      /^ID +TASK +VERSIONS +SERVES +STATE +MEMORY +LICENCE\ntiny +embed +1 2 +2 +READY +300 MB +MIT\n$/,
    );
  });

  it('list tells what to do when there is nothing', async () => {
    expect((await models('list')).out).toContain('trivium models catalog');
  });

  it('show tells all of one model', async () => {
    server.add(MANIFEST, '1');
    const { out } = await models('show', 'tiny');

    expect(out).toContain('MIT, commercial use allowed');
    expect(out).toContain('fp32 90.4 MB');
  });

  it('--json gives the answer as the server gave it', async () => {
    server.add(MANIFEST, '1');
    const { out } = await models('list', '--json');

    expect(JSON.parse(out)).toEqual({
      object: 'list',
      data: [server.models.get('tiny')],
      services_away: [],
    });
  });

  it('catalog shows sizes and what may not be used commercially', async () => {
    server.catalogue.push(
      ModelManifest.parse({
        ...MANIFEST,
        id: 'face',
        licence: 'research-only',
        commercial_use: false,
        files: { a: { path: 'a', bytes: 5e6 }, b: { path: 'b' } },
      }),
    );

    expect((await models('catalog')).out).toMatch(/face +embed +> 5.0 MB +research-only +no/);
  });

  it.each([
    [['label', 'tiny', 'stable', '1'], { labels: { stable: '1' } }],
    [['label', 'tiny', 'stable', '--remove'], { labels: { stable: null } }],
    [
      ['traffic', 'tiny', '1=90', '2=10'],
      {
        traffic: [
          { version: '1', percent: 90 },
          { version: '2', percent: 10 },
        ],
      },
    ],
    [['traffic', 'tiny'], { traffic: [] }],
    [
      ['rollout', 'tiny', '2', '--mode', 'canary', '--percent', '5', '--min-agreement', '0.99'],
      { rollout: { candidate: '2', mode: 'canary', percent: 5, min_agreement: 0.99 } },
    ],
    [['rollout', 'tiny', '--stop'], { rollout: null }],
  ])('%j changes the model', async (line, body) => {
    server.add(MANIFEST, '1', '2');
    const { exit } = await models(...line);

    expect(exit).toBe(0);
    expect(server.bodies('PATCH', '/admin/models/tiny')).toEqual([body]);
  });

  it('load, unload and profile say which version and variant', async () => {
    server.add(MANIFEST, '1');
    await models('load', 'tiny', '--at', 'stable', '--variant', 'int8');
    await models('unload', 'tiny');
    const { out } = await models('profile', 'tiny', '--batch', '4');
    await models('profile', 'tiny', '--trace', join(home, 'trace.json'));

    expect(server.bodies('POST', '/admin/models/tiny/load')).toEqual([
      { version: 'stable', variant: 'int8' },
    ]);
    expect(server.bodies('POST', '/admin/models/tiny/profile')[0]).toEqual({
      runs: 10,
      batch_size: 4,
      length: 128,
    });
    expect(out).toMatch(/OPERATOR +MS +SHARE\nMatMul +12.5/);
    expect(JSON.parse(await readFile(join(home, 'trace.json'), 'utf8'))).toEqual([{ ph: 'X' }]);
  });

  it('rm asks first, and where nobody can be asked it wants --yes', async () => {
    server.add(MANIFEST, '1');
    const asked = await models('rm', 'tiny');
    const told = await models('rm', 'tiny', '--at', '1', '--yes');

    expect(asked).toMatchObject({ exit: 2, err: expect.stringContaining('--yes') as string });
    expect(told).toMatchObject({ exit: 0, out: 'Version 1 of tiny is deleted.\n' });
    expect(server.bodies('DELETE', '/admin/models/tiny')).toEqual([]);
  });

  it('inspect looks into a file without any server', async () => {
    const file = join(home, 'encoder.onnx');
    const { encoderModel } = await import('@trivium/onnx/synthesis');
    await writeFile(file, encoderModel().bytes);
    const env = { TRIVIUM_URL: 'http://127.0.0.1:1', TRIVIUM_API_KEY: '' };
    const good = await run(['models', 'inspect', file], { env });
    await writeFile(file, 'no model');
    const bad = await run(['models', 'inspect', file], { env });

    expect(good.exit).toBe(0);
    expect(good.out).toMatch(/OPERATOR +COUNT/);
    expect(bad.exit).toBe(6);
    expect(bad.err).toContain('encoder.onnx');
  });
});

describe('a job', () => {
  it('is watched to its end', async () => {
    server.jobStates = [
      jobOf(),
      jobOf({ progress: 0.5, detail: 'model.fp32.onnx: 45 of 90 MB' }),
      jobOf({ state: 'succeeded', progress: 1, result: { version: '1' } }),
    ];
    const { exit, out, err } = await models('pull', 'minilm', '--allow-non-commercial');

    expect(exit).toBe(0);
    expect(out).toBe('minilm is there as version 1.\n');
    expect(err).toContain('pull minilm: 0 %');
    expect(server.bodies('POST', '/admin/models/pull')).toEqual([
      { model: 'minilm', allow_non_commercial: true },
    ]);
  });

  it('that fails says why, and the shell hears of it', async () => {
    server.jobStates = [
      jobOf({ state: 'failed', error: { code: 'upstream_error', message: 'wrong SHA-256' } }),
    ];
    const { exit, err } = await models('pull', 'minilm');

    expect(exit).toBe(1);
    expect(err).toContain('pull of minilm: wrong SHA-256');
  });

  it('goes on when its watcher leaves', async () => {
    server.jobStates = [jobOf()];
    const leaving = new AbortController();
    const running = run(['models', 'pull', 'minilm'], { signal: leaving.signal });
    setImmediate(() => leaving.abort());
    const { exit, out } = await running;

    expect(exit).toBe(130);
    expect(out).toContain('trivium models jobs text-inference.job_1 --cancel');
  });

  it('may be left to itself from the beginning', async () => {
    server.jobStates = [jobOf({ kind: 'quantize' })];
    server.add(MANIFEST, '1');
    const { exit, out } = await models('quantize', 'tiny', '--variant', 'int8', '--detach');

    expect(exit).toBe(0);
    expect(out).toContain('trivium models jobs text-inference.job_1');
    expect(server.bodies('POST', '/admin/models/tiny/quantize')).toEqual([
      { variant: 'int8', publish: true },
    ]);
  });

  it('is listed and cancelled', async () => {
    server.jobStates = [jobOf({ state: 'cancelled', finished_at: 61_000 })];

    expect((await models('jobs')).out).toMatch(
      /text-inference.job_1 +pull +minilm +cancelled +0 % +1 min 0 s/,
    );
    expect((await models('jobs', 'text-inference.job_1', '--cancel')).out).toBe(
      'text-inference.job_1: cancelled\n',
    );
  });
});

describe('add', () => {
  const weights = randomBytes(1_000);
  let folder: string;

  beforeEach(async () => {
    folder = join(home, 'tiny');
    await mkdir(folder);
    await writeFile(
      join(folder, 'model.yaml'),
      'id: tiny\ntask: embed\nlicence: MIT\ncommercial_use: true\n',
    );
    await writeFile(join(folder, 'model.fp32.onnx'), weights);
    await writeFile(join(folder, 'tokenizer.json'), '{}');
  });

  it('sends all files part by part and publishes them', async () => {
    const { exit, out } = await models('add', folder);
    const parts = server.asked.filter(({ method }) => method === 'PUT');

    expect(exit).toBe(0);
    expect(out).toContain('serves');
    expect(parts).toHaveLength(Math.ceil(1_000 / 64) + 1);
    expect(await readdir(join(home, 'uploads'))).toEqual([]);
  });

  it('goes on after an interruption with what is missing', async () => {
    const leaving = new AbortController();
    server.onPart = (_response, index) => {
      if (index === 6) leaving.abort();
      return index >= 6;
    };
    const first = await run(['models', 'add', folder], { signal: leaving.signal });
    const arrived = server.uploads.get('text-inference.upl_1')?.parts.size ?? 0;
    server.onPart = undefined;
    server.asked.length = 0;
    const second = await models('add', folder);
    const parts = server.asked.filter(({ method }) => method === 'PUT');

    expect(first.exit).toBe(130);
    expect(first.err).toContain('The same command goes on from here');
    expect(arrived).toBeGreaterThan(4);
    expect(second.exit).toBe(0);
    expect(second.out).toMatch(/^Going on after \d+ B/);
    expect(parts).toHaveLength(Math.ceil(1_000 / 64) + 1 - arrived);
  });

  it('sends a part again that met a restart of the server', async () => {
    let failures = 2;
    server.onPart = (response) => {
      if ((failures -= 1) < 0) return false;
      if (failures === 0) response.destroy();
      else response.writeHead(503, { 'retry-after': '0' }).end('{}');
      return true;
    };

    expect((await models('add', folder)).exit).toBe(0);
  });

  it('stops at a part that is refused', async () => {
    server.onPart = (response) => {
      fail(response, 413, 'The part is too large.');
      return true;
    };

    expect(await models('add', folder)).toMatchObject({
      exit: 6,
      err: expect.stringContaining('The part is too large.') as string,
    });
  });

  it('begins anew when the files are others', async () => {
    server.onPart = (response) => {
      fail(response, 400, 'no');
      return true;
    };
    await models('add', folder);
    server.onPart = undefined;
    await writeFile(join(folder, 'model.fp32.onnx'), randomBytes(500));

    expect((await models('add', folder)).exit).toBe(0);
    expect(server.bodies('POST', '/admin/models/tiny/uploads')).toHaveLength(2);
  });
});

describe('what stands in the way', () => {
  it('is told when the server is down', async () => {
    const { exit, err } = await run(['models', 'list', '--url', 'http://127.0.0.1:1']);

    expect(exit).toBe(3);
    expect(err).toMatch(/No answer from http:\/\/127.0.0.1:1 .*npm start.*TRIVIUM_URL/);
  });

  it('is told when there is no key', async () => {
    const { exit, err } = await run(['models', 'list'], { env: { TRIVIUM_API_KEY: '' } });

    expect(exit).toBe(4);
    expect(err).toContain('TRIVIUM_API_KEY');
  });

  it('is nothing when the key lies where the server put it', async () => {
    await writeFile(join(home, 'api-key'), `${KEY}\n`);

    expect((await run(['models', 'list'], { env: { TRIVIUM_API_KEY: '' } })).exit).toBe(0);
  });

  it('is told when the key is wrong', async () => {
    const { exit, err } = await run(['models', 'list'], { env: { TRIVIUM_API_KEY: 'sk-other' } });

    expect(exit).toBe(4);
    expect(err).toContain('The key comes from');
    expect(err).not.toContain('sk-other');
  });

  it('is told when there is no such model', async () => {
    expect((await models('show', 'unheard-of')).exit).toBe(5);
  });

  it.each([
    [['models', 'dance'], 'unknown command'],
    [['models', 'quantize', 'tiny'], '--variant'],
    [['models', 'profile', 'tiny', '--runs', 'many'], 'positive whole number'],
    [['models', 'traffic', 'tiny', 'half'], '2=10'],
    [['models', 'label', 'tiny', 'stable'], '--remove'],
  ])('is told when the words are wrong: %j', async (line, message) => {
    const { exit, err } = await run(line);

    expect(exit).toBe(2);
    expect(err).toContain(message);
  });

  it('has no colours where nobody sees them', async () => {
    const { err } = await models('show', 'unheard-of');

    expect(err).not.toContain('\u001b');
  });
});

it('--help says what there is', async () => {
  const { exit, out } = await run(['models', '--help']);
  const commands =
    'list show catalog pull add rm quantize inspect profile load unload label traffic rollout stats jobs';

  expect(exit).toBe(0);
  for (const command of commands.split(' ')) expect(out).toContain(`  ${command}`);
});
