import { DomainError } from '@trivium/contracts';
import { RolloutStatus, TrafficRule } from '@trivium/contracts/inference';
import { ModelManifest, ModelVersion, VersionFiles, VersionLabel } from '@trivium/contracts/model-manifest';
import { z } from 'zod';

const RegisteredVersion = z.object({ files: VersionFiles, createdAt: z.int() });
type RegisteredVersion = z.output<typeof RegisteredVersion>;

/** A model as the repository keeps it, the same for all replicas. */
export const RegisteredModel = z.object({
  manifest: ModelManifest,
  versions: z.record(ModelVersion, RegisteredVersion),
  labels: z.record(VersionLabel, ModelVersion),
  traffic: z.array(TrafficRule),
  rollout: RolloutStatus.optional(),
  pinned: z.boolean(),
  /** Highest number that a version ever had: a number is not given to other bytes later. */
  lastVersion: z.int().nonnegative(),
  /** Comes with the program and is changed with it only. */
  bundled: z.boolean().default(false),
});
export type RegisteredModel = z.output<typeof RegisteredModel>;

/** Absent fields stay as they are; null takes the value away. */
export interface ModelChange {
  readonly labels?: Readonly<Record<string, string | null>> | undefined;
  readonly traffic?: readonly TrafficRule[] | undefined;
  readonly rollout?: RolloutStatus | null | undefined;
  readonly pinned?: boolean | undefined;
}

export type TrafficRule = z.output<typeof TrafficRule>;

export function newModel(manifest: ModelManifest): RegisteredModel {
  return {
    manifest,
    versions: {},
    labels: {},
    traffic: [],
    pinned: false,
    lastVersion: 0,
    bundled: false,
  };
}

/** Adds the version, or the next one after all that ever were. Throws `conflict` when it is there already. */
export function withVersion(
  model: RegisteredModel,
  wanted: string | 'next',
  version: RegisteredVersion,
): { readonly model: RegisteredModel; readonly number: string } {
  const number = wanted === 'next' ? String(model.lastVersion + 1) : wanted;
  if (model.versions[number] !== undefined) {
    throw new DomainError('conflict', `${model.manifest.id} has a version ${number} already.`, {
      param: 'version',
      retryable: false,
    });
  }
  return {
    number,
    model: {
      ...model,
      versions: { ...model.versions, [number]: version },
      lastVersion: Math.max(model.lastVersion, Number(number)),
    },
  };
}

/** Takes the version away, with the labels, traffic and rollout that name it. */
export function withoutVersion(model: RegisteredModel, version: string): RegisteredModel {
  const { [version]: gone, ...versions } = model.versions;
  if (gone === undefined) throw unknownVersion(model.manifest.id, version);
  const { rollout, ...rest } = model;
  return {
    ...rest,
    versions,
    labels: Object.fromEntries(Object.entries(model.labels).filter(([, target]) => target !== version)),
    traffic: model.traffic.filter((rule) => rule.version !== version),
    ...(rollout === undefined || rollout.rule.candidate === version ? {} : { rollout }),
  };
}

/**
 * Throws `invalid_request` when a label or a traffic rule names a version that is not there. A rollout may
 * name one that is still to come, so that it never serves before it was judged.
 */
export function withChange(model: RegisteredModel, change: ModelChange): RegisteredModel {
  const { id } = model.manifest;
  const known = (version: string, param: string): void => {
    if (model.versions[version] !== undefined) return;
    throw new DomainError('invalid_request', `${param}: ${id} has no version ${version}.`, { param });
  };
  for (const [label, version] of Object.entries(change.labels ?? {})) {
    if (version !== null) known(version, `labels.${label}`);
  }
  const labels = Object.fromEntries(
    Object.entries({ ...model.labels, ...change.labels }).flatMap(([label, version]) =>
      version === null ? [] : [[label, version]],
    ),
  );
  const traffic = change.traffic ?? model.traffic;
  change.traffic?.forEach(({ version }, index) => known(version, `traffic[${index}].version`));
  const rollout = change.rollout === undefined ? model.rollout : (change.rollout ?? undefined);
  const { rollout: _before, ...rest } = model;
  return {
    ...rest,
    labels,
    traffic: [...traffic],
    pinned: change.pinned ?? model.pinned,
    ...(rollout === undefined ? {} : { rollout }),
  };
}

export function unknownModel(model: string): DomainError {
  return new DomainError('model_not_found', `There is no model ${model}.`, { param: 'model' });
}

export function unknownVersion(model: string, version: string): DomainError {
  return new DomainError('model_not_found', `${model} has no version ${version}.`, { param: 'version' });
}
