import type { ModelStatistics, ModelSummary, VersionSummary } from '@trivium/contracts/inference';
import type { InstanceGroup, ModelManifest, TensorSpec, Variant } from '@trivium/contracts/model-manifest';
import type {
  ModelConfig,
  ModelMetadata,
  RepositoryIndex,
  StatisticsResponse,
} from '@trivium/contracts/open-inference';
import type { Datatype } from '@trivium/contracts/tensor';
import { variantNotFound, versionNotFound } from './model-name.js';

/** What a request names of a model: a version by number or label, a variant, or neither. */
export interface Named {
  readonly version?: string | undefined;
  readonly variant?: Variant | undefined;
}

/** The versions that are named and have the variant. Throws `model_not_found`. */
export function versionsOf(
  { id, versions, labels }: ModelSummary,
  { version: asked, variant }: Named,
): readonly VersionSummary[] {
  const number = asked === undefined ? undefined : (labels[asked] ?? asked);
  const found = versions.filter(({ version }) => number === undefined || version === number);
  if (asked !== undefined && found.length === 0) throw versionNotFound(id, asked);
  if (variant === undefined) return found;
  const having = found.filter(({ variants }) => variants.some((one) => one.variant === variant));
  if (having.length === 0) throw variantNotFound(id, variant);
  return having;
}

/** Whether a request would be served without a load: the version that it names, or that would be chosen for it. */
export function isReady(model: ModelSummary, named: Named): boolean {
  const { servingVersion: version = named.version } = model;
  const asked = named.version === undefined ? { ...named, version } : named;
  return versionsOf(model, asked).some(({ state, variants }) =>
    named.variant === undefined
      ? state === 'READY'
      : variants.some(({ variant, ready }) => variant === named.variant && ready),
  );
}

export function metadataOf(model: ModelSummary, asked: Named): ModelMetadata {
  const { id, manifest } = model;
  const batched = manifest.max_batch_size > 0;
  const show = ({ name, data_type: datatype, dims }: TensorSpec) => ({
    name,
    datatype,
    shape: batched ? [-1, ...dims] : [...dims],
  });
  return {
    name: id,
    versions: versionsOf(model, asked).map(({ version }) => version),
    platform: manifest.platform,
    inputs: manifest.input.map(show),
    outputs: manifest.output.map(show),
  };
}

export function configOf({ id, manifest }: ModelSummary): ModelConfig {
  const { dynamic_batching: batching } = manifest;
  const { default_queue_policy: policy } = batching;
  return {
    name: id,
    platform: manifest.platform,
    backend: manifest.platform === 'onnxruntime_onnx' ? 'onnxruntime' : '',
    version_policy: versionPolicy(manifest),
    max_batch_size: manifest.max_batch_size,
    input: manifest.input.map(configTensor),
    output: manifest.output.map(configTensor),
    dynamic_batching: {
      max_queue_delay_microseconds: batching.max_queue_delay_microseconds,
      priority_levels: batching.priority_levels,
      default_priority_level: batching.default_priority_level,
      default_queue_policy: {
        default_timeout_microseconds: policy.default_timeout_microseconds,
        allow_timeout_override: policy.allow_timeout_override,
        max_queue_size: policy.max_queue_size,
      },
    },
    instance_group: manifest.instance_group.map(instances),
    response_cache: { enable: manifest.response_cache.enable },
  };
}

/** Without versions a model is listed once, with none: it is there, and cannot be asked. */
export function indexOf(model: ModelSummary): RepositoryIndex {
  if (model.versions.length === 0) {
    return [{ name: model.id, version: '', state: 'UNAVAILABLE', reason: 'it has no versions' }];
  }
  return model.versions.map(({ version, state, reason }) => ({ name: model.id, version, state, reason }));
}

export function statisticsOf(statistics: readonly ModelStatistics[]): StatisticsResponse['model_stats'] {
  return statistics.map(({ model, version, inferenceStats: stats, ...counts }) => ({
    name: model,
    version,
    last_inference: Math.round(counts.lastInferenceMs),
    inference_count: counts.inferenceCount,
    execution_count: counts.executionCount,
    inference_stats: {
      success: whole(stats.success),
      fail: whole(stats.fail),
      queue: whole(stats.queue),
      ...computeOf(stats),
      cache_hit: whole(stats.cacheHit),
      cache_miss: whole(stats.cacheMiss),
    },
    batch_stats: counts.batchStats.map((batch) => ({ batch_size: batch.batchSize, ...computeOf(batch) })),
  }));
}

interface Counted {
  readonly count: number;
  readonly ns: number;
}
interface Computed {
  readonly computeInput: Counted;
  readonly computeInfer: Counted;
  readonly computeOutput: Counted;
}

function computeOf({ computeInput, computeInfer, computeOutput }: Computed) {
  return {
    compute_input: whole(computeInput),
    compute_infer: whole(computeInfer),
    compute_output: whole(computeOutput),
  };
}

function whole({ count, ns }: Counted): { count: number; ns: number } {
  return { count, ns: Math.round(ns) };
}

function configTensor({ name, data_type, dims }: TensorSpec) {
  return { name, data_type: configType(data_type), dims: [...dims] };
}

/** The configuration has names of its own for the same types. */
function configType(datatype: Datatype): string {
  return datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`;
}

/** 64-bit numbers are strings, as in every protobuf message written as JSON. */
function versionPolicy({ version_policy: policy }: ModelManifest): ModelConfig['version_policy'] {
  if ('latest' in policy) return { latest: { num_versions: policy.latest.num_versions } };
  if ('all' in policy) return { all: {} };
  return { specific: { versions: [...policy.specific.versions] } };
}

/** Triton knows no other servers as instances; its word for "the model's own affair" is KIND_MODEL. */
function instances(group: InstanceGroup): ModelConfig['instance_group'][number] {
  const gpus = group.kind === 'KIND_GPU' ? [...group.gpus] : [];
  const kind = group.kind === 'KIND_REMOTE' ? 'KIND_MODEL' : group.kind;
  return { kind, count: group.count ?? 0, gpus };
}
