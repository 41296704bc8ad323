import { describe, expect, it } from 'vitest';
import type { LocalModel, LocalModels } from './local-models.js';
import { type CatalogueOptions, ModelCatalogue } from './model-catalogue.js';
import { buildModels } from './build-models.js';
import { parseModelsFile } from './models-file.js';
import type { TextModel, TextPlacementV1 } from './text-model.js';

const placement = (name: string, contextWindow?: number, ready = true): TextPlacementV1 => ({
  specification: 'text-placement/v1',
  enforcesStructure: false,
  name,
  contextWindow,
  isReady: () => ready,
  doOpen: async () => {
    throw new Error('nothing is generated here');
  },
  [Symbol.asyncDispose]: async () => undefined,
});
const local = (id: string, overrides: Partial<LocalModel> = {}): LocalModel => ({
  id,
  ready: true,
  description: `${id} of the repository`,
  contextWindow: 2_048,
  ownedBy: 'trivium',
  bundled: false,
  ...overrides,
});
const configured = (id: string, ...placements: TextPlacementV1[]): TextModel => ({
  id,
  ownedBy: 'operator',
  placements: placements.length > 0 ? placements : [placement('remote-1')],
});

/** A repository whose models come and go. */
class Repository implements LocalModels {
  readonly models: LocalModel[];

  constructor(...models: LocalModel[]) {
    this.models = models;
  }

  list(): readonly LocalModel[] {
    return this.models;
  }

  placement(id: string): TextPlacementV1 {
    const model = this.models.find((candidate) => candidate.id === id.split('@')[0]);
    return placement(id, model?.contextWindow, model?.ready ?? false);
  }
}

const catalogue = (models: TextModel[], options: CatalogueOptions = {}) =>
  new ModelCatalogue(models, 5, options);
const BUNDLED = local('trivium-mini-chat', { bundled: true });

describe('the default model', () => {
  it.each([
    [
      'the first configured',
      [configured('first'), configured('second')],
      [local('pulled')],
      undefined,
      'first',
    ],
    ['a pulled one before the bundled one', [], [BUNDLED, local('pulled')], undefined, 'pulled'],
    ['the bundled one', [], [BUNDLED], undefined, 'trivium-mini-chat'],
    ['one that can answer', [], [BUNDLED, local('pulled', { ready: false })], undefined, 'trivium-mini-chat'],
    ['what the operator says', [configured('first')], [BUNDLED], 'trivium-mini-chat', 'trivium-mini-chat'],
    ['a variant of a model', [], [BUNDLED, local('pulled')], 'pulled@int8', 'pulled@int8'],
  ])('is %s', (_what, models, locals, defaultModel, expected) => {
    const all = catalogue(models, { locals: new Repository(...locals), defaultModel });

    expect(all.find(undefined).id).toBe(expected);
  });

  it('is missed by name when it is not there', () => {
    const all = catalogue([configured('first')], { locals: new Repository(), defaultModel: 'gone' });

    expect(() => all.find(undefined)).toThrow('TEXT_DEFAULT_MODEL');
    expect(() => catalogue([]).find(undefined)).toThrow('trivium models pull');
  });
});

describe('the catalogue', () => {
  it('follows the repository while it runs', () => {
    const repository = new Repository(BUNDLED);
    const all = catalogue([], { locals: repository });
    repository.models.push(local('pulled'));

    expect(all.find(undefined).id).toBe('pulled');
    repository.models.splice(0);
    expect(() => all.find('pulled')).toThrow('No language model is available');
  });

  it('knows the variants of a local model, and nobody else', () => {
    const all = catalogue([configured('cloud')], { locals: new Repository(BUNDLED) });

    expect(all.find('trivium-mini-chat@int8').placements[0]?.name).toBe('trivium-mini-chat@int8');
    for (const id of ['trivium-mini-chat@int7', 'trivium-mini-chat@', 'cloud@int8', 'x']) {
      expect(() => all.find(id)).toThrow('does not exist');
    }
  });

  it('lists the default first, with what is known of each', () => {
    const all = catalogue(
      [
        configured('busy', placement('a', 4_096, false), placement('b', 32_000)),
        { ...configured('here'), placement: 'cpu' },
      ],
      { locals: new Repository(BUNDLED, local('busy'), local('pulled')), defaultModel: 'pulled' },
    );

    expect(all.list()).toMatchObject([
      { id: 'pulled', placement: 'cpu', contextWindow: 2_048, description: 'pulled of the repository' },
      { id: 'busy', placement: 'remote', contextWindow: 32_000, ownedBy: 'operator', ready: true },
      { id: 'here', placement: 'cpu' },
      { id: 'trivium-mini-chat', task: 'generate', created: 5 },
    ]);
    expect(all.list()).toHaveLength(4);
  });

  it('lists a variant where it is the default', () => {
    const all = catalogue([], { locals: new Repository(BUNDLED), defaultModel: 'trivium-mini-chat@int8' });

    expect(all.list().map(({ id }) => id)).toEqual(['trivium-mini-chat@int8', 'trivium-mini-chat']);
  });

  it('is made of upstreams and models of the repository, as the file says', async () => {
    const settings = parseModelsFile(
      "models: [{ id: m, placements: [{ local: 'trivium-mini-chat@int8' }, { url: 'http://a/v1' }] }, { id: n, placements: [{ url: 'http://a/v1' }, { local: trivium-mini-chat }] }]",
      'text.yaml',
      {},
    );
    const models = buildModels(settings, async () => '', new Repository(BUNDLED));
    const all = catalogue(models);

    expect(models.map(({ placements }) => placements.map(({ name }) => name))).toEqual([
      ['trivium-mini-chat@int8', 'remote-2'],
      ['remote-1', 'trivium-mini-chat'],
    ]);
    expect(all.list()).toMatchObject([
      { id: 'm', placement: 'cpu', contextWindow: 2_048 },
      { id: 'n', placement: 'remote' },
    ]);
    await all.onApplicationShutdown();
  });
});
