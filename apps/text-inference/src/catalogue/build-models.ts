import type { ImageReader } from '../remote/chat-request.js';
import { RemotePlacement } from '../remote/remote-placement.js';
import type { LocalModels } from './local-models.js';
import type { ModelSettings } from './models-file.js';
import type { TextModel } from './text-model.js';

/** The configured models with their placements: upstreams of their own, or models of the repository. */
export function buildModels(
  models: readonly ModelSettings[],
  readImage: ImageReader,
  locals: LocalModels | undefined,
): TextModel[] {
  return models.map(({ id, ownedBy, placements }) => ({
    id,
    ownedBy,
    placement: placements[0] !== undefined && 'local' in placements[0] ? 'cpu' : 'remote',
    placements: placements.map((settings) => {
      if (!('local' in settings)) return new RemotePlacement(settings, readImage);
      if (locals === undefined) throw new Error(`model ${id}: no model runs in this process`);
      return locals.placement(settings.local);
    }),
  }));
}
