import type { ModelManifest } from '@trivium/contracts/model-manifest';
import { facts, table } from '../terminal/table.js';
import { coloured, show, type Terminal } from '../terminal/terminal.js';
import { bytes, duration } from '../terminal/units.js';
import { Catalogue, Model, Models, Statistics, type Version } from './replies.js';
import { modelPath, type Session } from './session.js';

const COLOURS = { READY: 'green', LOADING: 'yellow', UNLOADING: 'yellow', UNAVAILABLE: 'dim' } as const;

export async function listModels({ client, terminal }: Session): Promise<void> {
  const models = await client.json(Models, 'GET', '/admin/models');
  show(terminal, models, ({ data, services_away: away }) => [
    ...table(
      ['ID', 'TASK', 'VERSIONS', 'SERVES', 'STATE', 'MEMORY', 'LICENCE'],
      data.map((model) => {
        const serving = model.versions.find(({ version }) => version === model.serving_version);
        return [
          model.id,
          model.manifest.task,
          model.versions.map(({ version }) => version).join(' ') || '-',
          model.serving_version ?? '-',
          serving === undefined ? '-' : state(serving, terminal),
          bytes(model.versions.reduce((sum, { memory_bytes: memory }) => sum + memory, 0)),
          model.manifest.licence,
        ];
      }),
    ),
    ...(data.length === 0 ? ['No models yet. See: trivium models catalog'] : []),
    ...missing(away),
  ]);
}

export async function showModel(id: string, { client, terminal }: Session): Promise<void> {
  const model = await client.json(Model, 'GET', modelPath(id));
  show(terminal, model, () => describeModel(model, terminal));
}

export function describeModel(model: Model, terminal: Terminal): string[] {
  const { manifest, rollout } = model;
  return [
    coloured('bold', model.id, terminal),
    ...facts([
      ['task', `${manifest.task} (${model.service})`],
      ['description', manifest.description],
      ['licence', `${manifest.licence}${commercial(manifest)}`],
      ['source', sourceOf(manifest)],
      ['serves', model.serving_version === null ? 'nothing' : `version ${model.serving_version}`],
      [
        'labels',
        Object.entries(model.labels)
          .map((entry) => entry.join(' = '))
          .join(', '),
      ],
      ['traffic', model.traffic.map(({ version, percent }) => `${version}: ${percent} %`).join(', ')],
      ['rollout', rollout === null ? undefined : describeRollout(rollout)],
      ['pinned', model.pinned ? 'yes' : undefined],
    ]),
    ...table(
      ['VERSION', 'STATE', 'VARIANTS', 'MEMORY', 'EXPECTED', 'MADE'],
      model.versions.map((version) => [
        version.version,
        state(version, terminal),
        version.variants.map(({ variant, bytes: size }) => `${variant} ${bytes(size)}`).join(', '),
        bytes(version.memory_bytes),
        bytes(version.estimated_bytes),
        new Date(version.created_at).toISOString().slice(0, 16).replace('T', ' '),
      ]),
    ),
  ];
}

export async function showCatalogue({ client, terminal }: Session): Promise<void> {
  const catalogue = await client.json(Catalogue, 'GET', '/admin/models/catalog');
  show(terminal, catalogue, ({ data, services_away: away }) => [
    ...table(
      ['ID', 'TASK', 'SIZE', 'LICENCE', 'COMMERCIAL', 'LANGUAGES'],
      data.map((manifest) => [
        manifest.id,
        manifest.task,
        sizeOf(manifest),
        manifest.licence,
        manifest.commercial_use === true ? 'yes' : coloured('red', 'no', terminal),
        manifest.languages.join(' '),
      ]),
    ),
    ...missing(away),
  ]);
}

export async function showStatistics(id: string, { client, terminal }: Session): Promise<void> {
  const statistics = await client.json(Statistics, 'GET', modelPath(id, '/stats'));
  show(terminal, statistics, ({ data }) => {
    const rows = data.map(({ inference_stats: stats, ...each }) => [
      each.version,
      String(stats.success.count),
      String(stats.fail.count),
      String(stats.cache_hit.count),
      mean(each.inference_count, each.execution_count).toFixed(2),
      duration(mean(stats.queue.ns, stats.queue.count) / 1e6),
      duration(mean(stats.compute_infer.ns, stats.compute_infer.count) / 1e6),
      String(each.pending),
      Object.entries(each.release_reasons)
        .map(([reason, count]) => `${reason} ${count}`)
        .join(', '),
    ]);
    const heads = [
      'VERSION',
      'OK',
      'FAILED',
      'CACHED',
      'MEAN BATCH',
      'QUEUE',
      'COMPUTE',
      'WAITING',
      'RELEASED',
    ];
    return rows.length === 0 ? ['It has done nothing yet.'] : table(heads, rows);
  });
}

/** Versions after something was done to them. */
export function sayVersions(versions: readonly Version[], terminal: Terminal): string[] {
  return table(
    ['VERSION', 'STATE', 'MEMORY'],
    versions.map((version) => [version.version, state(version, terminal), bytes(version.memory_bytes)]),
  );
}

export function warnOfLicence(
  { id, licence, commercial_use: use }: ModelManifest,
  { err, json }: Terminal,
): void {
  if (use === false && !json) err.write(`Mind the licence of ${id}: ${licence}, no commercial use.\n`);
}

function state({ state: name, reason, loading }: Version, terminal: Terminal): string {
  const colour = COLOURS[name as keyof typeof COLOURS] ?? 'red';
  const more = loading === null ? reason : `${loading.state} ${Math.round(loading.progress * 100)} %`;
  return coloured(colour, name, terminal) + (more === '' ? '' : ` (${more})`);
}

function describeRollout({ rule, ...rollout }: NonNullable<Model['rollout']>): string {
  const running = rollout.state === 'running';
  const measured = [
    running ? undefined : `${rollout.compared} of ${rule.samples} compared`,
    rollout.agreement === null ? undefined : `agreement ${rollout.agreement.toFixed(4)}`,
    rollout.latency_ratio === null ? undefined : `${rollout.latency_ratio.toFixed(2)} times the latency`,
    rollout.reason || undefined,
  ].filter((part) => part !== undefined);
  const head = `${rule.mode} of version ${rule.candidate}, ${rule.percent} % of the requests, ${rollout.state}`;
  return [head, ...measured].join(', ');
}

function sourceOf({ source }: ModelManifest): string | undefined {
  if (source === undefined) return undefined;
  return source.kind === 'hub'
    ? `${source.repository} at ${source.revision}`
    : `npm ${source.package} ${source.version}`;
}

function commercial({ commercial_use: use }: ModelManifest): string {
  if (use === undefined) return ', commercial use unknown';
  return use ? ', commercial use allowed' : ', no commercial use';
}

/** At least, where not every file's size is known beforehand. */
function sizeOf({ files }: ModelManifest): string {
  const sizes = Object.values(files).map(({ bytes: size }) => size);
  const known = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (known === 0) return '?';
  return sizes.includes(undefined) ? `> ${bytes(known)}` : bytes(known);
}

function missing(away: readonly string[]): string[] {
  return away.length === 0 ? [] : [`Not answering, so not shown: ${away.join(', ')}`];
}

function mean(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count;
}
