import { DomainError } from '@trivium/contracts';
import { GenerateRequest } from '@trivium/contracts/generate';
import { afterEach, beforeEach } from 'vitest';
import { parseModelsFile, type PlacementSettings } from '../src/catalogue/models-file.js';
import type { RawPart } from '../src/catalogue/text-model.js';
import { RemotePlacement } from '../src/remote/remote-placement.js';
import { Upstream } from './upstream.js';

export const request = (
  overrides: Partial<Parameters<typeof GenerateRequest.parse>[0] & object> = {},
): GenerateRequest =>
  GenerateRequest.parse({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
    ...overrides,
  });

export interface RemoteScene {
  /** This test's own upstream. */
  readonly upstream: Upstream;
  /** A placement at that upstream, disposed of when the test ends. */
  place(
    overrides?: Partial<PlacementSettings>,
    breakAfter?: ConstructorParameters<typeof RemotePlacement>[2],
  ): RemotePlacement;
}

/** Gives each test of the surrounding block a fresh upstream. */
export function remoteScene(): RemoteScene {
  const placements: RemotePlacement[] = [];
  let upstream: Upstream;

  beforeEach(async () => {
    upstream = await Upstream.start();
  });
  afterEach(async () => {
    await Promise.all(placements.splice(0).map((placement) => placement[Symbol.asyncDispose]()));
    await upstream[Symbol.asyncDispose]();
  });

  return {
    get upstream() {
      return upstream;
    },
    place: (overrides = {}, breakAfter) => {
      const placement = new RemotePlacement(
        { ...settingsFor(upstream), ...overrides },
        async (image) => `data:${image.mediaType};base64,AAEC`,
        breakAfter,
      );
      placements.push(placement);
      return placement;
    },
  };
}

function settingsFor({ url }: Upstream): PlacementSettings {
  const [model] = parseModelsFile(`models: [{ id: m, placements: [{ url: '${url}' }] }]`, 'text.yaml', {});
  const settings = model?.placements[0];
  if (settings === undefined || 'local' in settings) throw new Error('no placement');
  return settings;
}

export async function collect(
  placement: RemotePlacement,
  what = request(),
  signal: AbortSignal = new AbortController().signal,
): Promise<RawPart[]> {
  const { first, rest } = await placement.doOpen(what, signal);
  const parts = [first];
  for await (const part of rest) parts.push(part);
  return parts;
}

export const said = (parts: readonly RawPart[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

export const failure = async (work: Promise<unknown>): Promise<DomainError> => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (!DomainError.is(error)) throw error;
  return error;
};
