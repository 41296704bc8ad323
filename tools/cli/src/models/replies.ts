import { ModelManifest } from '@trivium/contracts/model-manifest';
import { z } from 'zod';

/** Of the server's answers what this tool looks at; `--json` shows all of them. */
export const Version = z.looseObject({
  version: z.string(),
  state: z.string(),
  reason: z.string(),
  loading: z
    .looseObject({ state: z.string(), progress: z.number(), eta_ms: z.number().nullable() })
    .nullable(),
  variants: z.array(z.looseObject({ variant: z.string(), bytes: z.number() })),
  memory_bytes: z.number(),
  estimated_bytes: z.number(),
  created_at: z.number(),
});
export type Version = z.output<typeof Version>;

const RolloutState = z.looseObject({
  rule: z.looseObject({ candidate: z.string(), mode: z.string(), percent: z.number(), samples: z.number() }),
  state: z.string(),
  compared: z.number(),
  agreement: z.number().nullable(),
  latency_ratio: z.number().nullable(),
  failure_rate: z.number().nullable(),
  reason: z.string(),
});

export const Model = z.looseObject({
  id: z.string(),
  service: z.string(),
  manifest: ModelManifest,
  versions: z.array(Version),
  serving_version: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  traffic: z.array(z.looseObject({ version: z.string(), percent: z.number() })),
  rollout: RolloutState.nullable(),
  pinned: z.boolean(),
});
export type Model = z.output<typeof Model>;

export const Models = z.looseObject({ data: z.array(Model), services_away: z.array(z.string()) });
export const Versions = z.looseObject({ data: z.array(Version) });
export const Catalogue = z.looseObject({ data: z.array(ModelManifest), services_away: z.array(z.string()) });
export const Removed = z.looseObject({ id: z.string(), removed_versions: z.array(z.string()) });

export const Job = z.looseObject({
  id: z.string(),
  kind: z.string(),
  model: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  progress: z.number(),
  detail: z.string(),
  created_at: z.number(),
  finished_at: z.number().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
});
export type Job = z.output<typeof Job>;
export const Jobs = z.looseObject({ data: z.array(Job), services_away: z.array(z.string()) });

export const Upload = z.looseObject({
  id: z.string(),
  version: z.string(),
  part_bytes: z.number(),
  received: z.record(z.string(), z.array(z.number())),
});
export type Upload = z.output<typeof Upload>;
export const Part = z.looseObject({ received: z.number() });

export const Inspection = z.looseObject({ inspection: z.record(z.string(), z.unknown()) });
export const Profile = z.looseObject({ operators: z.array(z.record(z.string(), z.unknown())) });

const Duration = z.looseObject({ count: z.number(), ns: z.number() });
export const Statistics = z.looseObject({
  data: z.array(
    z.looseObject({
      version: z.string(),
      inference_count: z.number(),
      execution_count: z.number(),
      inference_stats: z.looseObject({
        success: Duration,
        fail: Duration,
        queue: Duration,
        compute_infer: Duration,
        cache_hit: Duration,
      }),
      release_reasons: z.record(z.string(), z.number()),
      pending: z.number(),
    }),
  ),
});
