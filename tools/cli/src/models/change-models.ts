import { writeFile } from 'node:fs/promises';
import { CliError, EXIT } from '../server/cli-error.js';
import { table } from '../terminal/table.js';
import { show } from '../terminal/terminal.js';
import { flat } from './flat.js';
import { describeInspection, Inspected } from './inspections.js';
import { followJob } from './jobs.js';
import { describeOperators, describeQuantization } from './measurements.js';
import { Inspection, Job, Model, Profile, Removed, Versions } from './replies.js';
import { modelPath, type Session } from './session.js';
import { describeModel, sayVersions } from './show-models.js';

/** A model may take minutes to load. */
const LOAD_TIMEOUT_MS = 600_000;

export interface Place {
  readonly at?: string | undefined;
  readonly variant?: string | undefined;
}

export async function pullModel(
  model: string,
  options: { readonly allowNonCommercial?: boolean | undefined; readonly detach?: boolean | undefined },
  session: Session,
): Promise<void> {
  const body = { model, allow_non_commercial: options.allowNonCommercial ?? false };
  const job = await session.client.json(Job, 'POST', '/admin/models/pull', { body });
  await begun(job, options.detach, session, (ended) => [
    `${model} is there as version ${String(ended.result?.['version'] ?? '?')}.`,
  ]);
}

export async function quantizeModel(
  model: string,
  options: Place & { readonly publish: boolean; readonly detach?: boolean | undefined },
  session: Session,
): Promise<void> {
  const body = { version: options.at, variant: options.variant, publish: options.publish };
  const job = await session.client.json(Job, 'POST', modelPath(model, '/quantize'), { body });
  await begun(job, options.detach, session, ({ result }) =>
    describeQuantization(`${model}@${options.variant ?? ''}`, result ?? {}),
  );
}

export async function loadModel(model: string, { at, variant }: Place, session: Session): Promise<void> {
  const { client, terminal } = session;
  const sending = { body: { version: at, variant }, timeoutMs: LOAD_TIMEOUT_MS };
  const versions = await client.json(Versions, 'POST', modelPath(model, '/load'), sending);
  show(terminal, versions, ({ data }) => sayVersions(data, terminal));
}

export async function unloadModel(model: string, { at }: Place, session: Session): Promise<void> {
  const { client, terminal } = session;
  const body = { version: at };
  const versions = await client.json(Versions, 'POST', modelPath(model, '/unload'), { body });
  show(terminal, versions, ({ data }) => sayVersions(data, terminal));
}

export async function removeModel(model: string, { at }: Place, session: Session): Promise<void> {
  const { client, terminal } = session;
  const path = modelPath(model, at === undefined ? '' : `/versions/${encodeURIComponent(at)}`);
  const removed = await client.json(Removed, 'DELETE', path);
  show(terminal, removed, ({ removed_versions: versions }) => [
    at === undefined
      ? `${model} is deleted (versions: ${versions.join(' ') || 'none'}).`
      : `Version ${at} of ${model} is deleted.`,
  ]);
}

/** Labels, traffic, rollout: whatever the server's PATCH takes. */
export async function updateModel(model: string, body: object, session: Session): Promise<void> {
  const { client, terminal } = session;
  const changed = await client.json(Model, 'PATCH', modelPath(model), { body });
  show(terminal, changed, () => describeModel(changed, terminal));
}

export async function inspectModel(model: string, { at, variant }: Place, session: Session): Promise<void> {
  const body = { version: at, variant };
  const answer = await session.client.json(Inspection, 'POST', modelPath(model, '/inspect'), { body });
  show(session.terminal, answer, ({ inspection }) => {
    const { data } = Inspected.safeParse(inspection);
    return data === undefined
      ? table(['FACT', ''], flat(inspection))
      : describeInspection(data, session.terminal);
  });
}

export async function profileModel(
  model: string,
  options: Place & {
    readonly runs: number;
    readonly batch: number;
    readonly length: number;
    readonly trace?: string | undefined;
  },
  session: Session,
): Promise<void> {
  const { client, terminal } = session;
  const { at, variant, runs, batch, length, trace } = options;
  const path = modelPath(model, '/profile');
  const body = { version: at, variant, runs, batch_size: batch, length };
  if (trace !== undefined) {
    const text = await client.text('POST', path, { body: { ...body, format: 'trace' } });
    await writeFile(trace, text);
    show(terminal, { trace }, () => [`Written to ${trace}; Perfetto and chrome://tracing open it.`]);
    return;
  }
  const answer = await client.json(Profile, 'POST', path, { body });
  show(terminal, answer, ({ operators }) => describeOperators(operators));
}

/** `2=10` is 10 % for version 2. */
export function readTraffic(shares: readonly string[]): { version: string; percent: number }[] {
  return shares.map((share) => {
    const [, version, percent] = /^(\d+)=(\d+(?:\.\d+)?)%?$/.exec(share) ?? [];
    if (version !== undefined && percent !== undefined) return { version, percent: Number(percent) };
    throw new CliError(
      `'${share}' is not a share of the traffic, such as 2=10 (version 2 gets 10 %).`,
      EXIT.usage,
    );
  });
}

async function begun(
  job: Job,
  detach: boolean | undefined,
  session: Session,
  lines: (ended: Job) => string[],
): Promise<void> {
  if (detach !== true) return followJob(job, session, lines);
  show(session.terminal, job, ({ id }) => [`Begun as ${id}. Watch it: trivium models jobs ${id}`]);
}
