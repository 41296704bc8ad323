import {
  type ModelSummary,
  ModelState,
  LoadProgress,
  RolloutRule,
  TrafficRule,
} from '@trivium/contracts/inference';
import {
  INFERENCE_SERVICES,
  ModelId,
  ModelManifest,
  ModelVersion,
  Variant,
  VersionLabel,
} from '@trivium/contracts/model-manifest';
import { z } from 'zod';

const Service = z.enum(INFERENCE_SERVICES);

const Version = z
  .strictObject({
    version: ModelVersion,
    state: ModelState,
    reason: z.string(),
    loading: z
      .strictObject({ state: LoadProgress.shape.state, progress: z.number(), eta_ms: z.number().nullable() })
      .nullable(),
    variants: z.array(z.strictObject({ variant: Variant, bytes: z.int(), ready: z.boolean() })),
    memory_bytes: z.number().describe('resident memory of its workers; 0 when it is not loaded'),
    estimated_bytes: z.number().describe('what loading it is expected to take'),
    created_at: z.int(),
  })
  .meta({ id: 'ModelVersion' });

const { shape: rule } = RolloutRule;
/** As it is sent; the defaults are the contract's. */
export const Rollout = z
  .strictObject({
    candidate: rule.candidate,
    mode: rule.mode,
    percent: rule.percent.describe('of requests: copied in shadow mode, served in canary mode'),
    samples: rule.samples.describe('compared requests after which it is judged'),
    metric: rule.metric,
    min_agreement: rule.minAgreement,
    max_latency_ratio: rule.maxLatencyRatio,
    max_failure_rate: rule.maxFailureRate,
  })
  .meta({ id: 'ModelRollout' });

const RolloutState = z
  .strictObject({
    rule: Rollout.meta({ id: 'ModelRolloutRule' }),
    state: z.enum(['running', 'promoted', 'rolled-back']),
    compared: z.int(),
    agreement: z.number().nullable(),
    latency_ratio: z.number().nullable(),
    failure_rate: z.number().nullable(),
    reason: z.string(),
  })
  .meta({ id: 'ModelRolloutState' });

/** With all defaults filled in. */
export const StoredManifest = ModelManifest.meta({ id: 'StoredModelManifest' });

export const Model = z
  .strictObject({
    object: z.literal('model'),
    id: ModelId,
    service: Service,
    manifest: StoredManifest,
    versions: z.array(Version).describe('ascending'),
    serving_version: ModelVersion.nullable().describe('what a request without a version gets'),
    labels: z.record(VersionLabel, ModelVersion),
    traffic: z.array(TrafficRule),
    rollout: RolloutState.nullable(),
    pinned: z.boolean(),
  })
  .meta({ id: 'AdministeredModel' });

export const ModelPage = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(Model),
    services_away: z.array(Service).describe('their models are missing from this list'),
  })
  .meta({ id: 'AdministeredModelList' });

export const VersionPage = z
  .strictObject({ object: z.literal('list'), data: z.array(Version) })
  .meta({ id: 'ModelVersionList' });

export const CataloguePage = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(StoredManifest),
    services_away: z.array(Service),
  })
  .meta({ id: 'ModelCatalogue' });

export const RemovedModel = z
  .strictObject({
    object: z.literal('model'),
    id: ModelId,
    deleted: z.boolean(),
    removed_versions: z.array(ModelVersion),
  })
  .meta({ id: 'RemovedModel' });

type Summary = ModelSummary['versions'][number];

export function showVersion({ loading, variants, ...version }: Summary): z.input<typeof Version> {
  return {
    version: version.version,
    state: version.state,
    reason: version.reason,
    loading: loading
      ? { state: loading.state, progress: loading.progress, eta_ms: loading.etaMs ?? null }
      : null,
    variants,
    memory_bytes: version.memoryBytes,
    estimated_bytes: version.estimatedBytes,
    created_at: version.createdAt,
  };
}

/** Keys of records, such as labels and names of tensors, are the client's own and stay as they are. */
export function showModel({ rollout, ...model }: ModelSummary): z.input<typeof Model> {
  return {
    object: 'model',
    id: model.id,
    service: model.service,
    manifest: model.manifest,
    versions: model.versions.map(showVersion),
    serving_version: model.servingVersion ?? null,
    labels: model.labels,
    traffic: model.traffic,
    rollout: rollout === undefined ? null : showRollout(rollout),
    pinned: model.pinned,
  };
}

function showRollout({
  rule: { minAgreement, maxLatencyRatio, maxFailureRate, ...same },
  state,
  compared,
  reason,
  ...measured
}: NonNullable<ModelSummary['rollout']>): z.input<typeof RolloutState> {
  return {
    rule: {
      ...same,
      min_agreement: minAgreement,
      max_latency_ratio: maxLatencyRatio,
      max_failure_rate: maxFailureRate,
    },
    state,
    compared,
    agreement: measured.agreement ?? null,
    latency_ratio: measured.latencyRatio ?? null,
    failure_rate: measured.failureRate ?? null,
    reason,
  };
}

export function readRollout({
  min_agreement: minAgreement,
  max_latency_ratio: maxLatencyRatio,
  max_failure_rate: maxFailureRate,
  ...same
}: z.output<typeof Rollout>): RolloutRule {
  return { ...same, minAgreement, maxLatencyRatio, maxFailureRate };
}
