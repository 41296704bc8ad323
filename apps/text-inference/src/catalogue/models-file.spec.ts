import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textInferenceConfig } from '../text-inference.config.js';
import { loadModels } from './load-models.js';
import { parseModelsFile } from './models-file.js';

const parse = (text: string, env: NodeJS.ProcessEnv = {}) => parseModelsFile(text, 'text.yaml', env);

describe('parseModelsFile', () => {
  it('needs no more than an id and a url', () => {
    const [model] = parse(
      'models:\n  - id: qwen\n    placements:\n      - url: http://localhost:11434/v1/\n',
    );

    expect(model).toMatchObject({
      id: 'qwen',
      placements: [
        {
          name: 'remote-1',
          url: 'http://localhost:11434/v1',
          model: 'qwen',
          images: false,
          idleTimeoutMs: 30_000,
        },
      ],
    });
  });

  it('resolves keys from the environment and from files, in headers too', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'models-')), 'key');
    writeFileSync(file, 'from-file\n');

    const [model] = parse(
      `models: [{ id: m, placements: [{ url: 'https://a/v1', apiKey: { env: KEY }, headers: { Api-Key: { file: '${file}' }, X: y } }] }]`,
      { KEY: 'from-env' },
    );

    expect(model?.placements[0]).toMatchObject({
      apiKey: 'from-env',
      headers: { 'api-key': 'from-file', x: 'y' },
    });
  });

  it('takes models of the repository and upstreams in any order', () => {
    const [model] = parse(
      "models: [{ id: m, placements: [{ local: 'smollm2-135m-instruct@int8' }, { url: 'http://a/v1' }, { local: tiny }] }]",
    );

    expect(model?.placements).toMatchObject([
      { local: 'smollm2-135m-instruct@int8' },
      { name: 'remote-2', url: 'http://a/v1' },
      { local: 'tiny' },
    ]);
  });

  it.each([
    ['models:\n  - id: m\n    placements: []\n', 'text.yaml:3: models.0.placements'],
    ['models:\n  - id: m\n    placements:\n      - url: ftp://x\n', 'text.yaml:4: models.0.placements.0.url'],
    ['models:\n  - id: m\n    placements:\n      - url: http://user:pw@x\n', 'must not hold credentials'],
    ['models:\n  - id: m\n    placements:\n      - url: http://x\n        imges: true\n', 'imges'],
    ['models:\n  - id: trivium\n    placements: [{ url: http://x }]\n', 'text.yaml:2: models.0.id'],
    ['models:\n  - id: m\n    placements: [\n', 'text.yaml:'],
    [
      'models:\n  - id: m\n    placements:\n      - local: Not A Model\n',
      'text.yaml:4: models.0.placements.0.local',
    ],
    ['models: [{ id: m, placements: [{ local: m@int7 }] }]', 'expected a model of the repository'],
    ['models: [{ id: m, placements: [{ local: m, url: http://x }] }]', 'url'],
    ['models: [{ id: m, placements: [local] }]', 'models.0.placements.0'],
    ['models: [{ id: m, placements: [{ url: http://x, apiKey: { env: NOPE } }] }]', 'NOPE is not set'],
    ['models: [{ id: m, placements: [{ url: http://x, apiKey: plain-secret }] }]', 'apiKey'],
  ])('reports %j with its place', (text, expected) => {
    expect(() => parse(text)).toThrow(expected);
  });

  it('never repeats a value that may be a secret', () => {
    expect(() =>
      parse('models: [{ id: m, placements: [{ url: http://x, apiKey: plain-secret }] }]'),
    ).not.toThrow('plain-secret');
  });
});

describe('loadModels', () => {
  const load = (env: Record<string, string>) => loadModels(textInferenceConfig.parse(env), env);
  const file = join(mkdtempSync(join(tmpdir(), 'models-')), 'text.yaml');
  writeFileSync(file, 'models: [{ id: second, placements: [{ url: http://b/v1 }] }]');

  it('has none by default', () => {
    expect(load({})).toEqual([]);
    expect(load({ TEXT_UPSTREAM_URL: '', TEXT_UPSTREAM_MODEL: '', TEXT_UPSTREAM_IMAGES: '' })).toEqual([]);
  });

  it('makes one model of two variables, ahead of the file', () => {
    const models = load({
      TEXT_UPSTREAM_URL: 'http://a/v1',
      TEXT_UPSTREAM_MODEL: 'first',
      TEXT_UPSTREAM_API_KEY: 'k',
      TEXT_UPSTREAM_IMAGES: 'true',
      TEXT_MODELS_FILE: file,
    });

    expect(models.map(({ id }) => id)).toEqual(['first', 'second']);
    expect(models[0]?.placements[0]).toMatchObject({ apiKey: 'k', images: true, model: 'first' });
  });

  it.each([
    [{ TEXT_UPSTREAM_URL: 'http://a' }, 'TEXT_UPSTREAM_MODEL is needed'],
    [{ TEXT_UPSTREAM_MODEL: 'm' }, 'TEXT_UPSTREAM_URL is needed'],
    [{ TEXT_UPSTREAM_URL: 'nonsense', TEXT_UPSTREAM_MODEL: 'm' }, 'TEXT_UPSTREAM_URL: expected an http'],
    [{ TEXT_MODELS_FILE: '/nowhere/text.yaml' }, 'TEXT_MODELS_FILE'],
    [
      { TEXT_UPSTREAM_URL: 'http://a', TEXT_UPSTREAM_MODEL: 'second', TEXT_MODELS_FILE: file },
      'second is configured twice',
    ],
  ])('refuses %j', (env, expected) => {
    expect(() => load(env as Record<string, string>)).toThrow(expected);
  });
});
