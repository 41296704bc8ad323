import { readFileSync } from 'node:fs';
import { ModelId, Variant } from '@trivium/contracts/model-manifest';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

/** Parameters that OpenAI's API lacks: only a placement that lists one takes it. */
export const EXTENSIONS = ['top_k', 'min_p', 'repetition_penalty'] as const;

/** Names as the upstream API writes them; a placement that lists none takes all but the extensions. */
export const PARAMETERS = [
  'max_tokens',
  'temperature',
  'top_p',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'reasoning_effort',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  ...EXTENSIONS,
] as const;
export type Parameter = (typeof PARAMETERS)[number];

/** Secrets are named, never written into the file. */
const Secret = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);
type Secret = z.output<typeof Secret>;

const UpstreamUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
  .refine((value) => {
    if (!URL.canParse(value)) return true; // reported by the rule before
    const url = new URL(value);
    return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  }, 'must not hold credentials, a query or a fragment')
  .transform((value) => value.replace(/\/+$/, ''));

const milliseconds = z.int().positive().max(600_000);

const RemoteEntry = z.strictObject({
  /** Shown in traces, logs and `generation-start`. */
  name: z.string().min(1).optional(),
  url: UpstreamUrl,
  /** What the upstream calls the model; absent: the id of the entry. */
  model: z.string().min(1).optional(),
  apiKey: Secret.optional(),
  headers: z.record(z.string(), z.union([z.string(), Secret])).default({}),
  provider: z.string().min(1).default('openai_compatible'),
  contextWindow: z.int().positive().optional(),
  images: z.boolean().default(false),
  parameters: z.array(z.enum(PARAMETERS)).optional(),
  maxTokensParameter: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  /** Whether the upstream takes `stream_options.include_usage`. */
  usage: z.boolean().default(true),
  maxConcurrent: z.int().positive().max(4096).default(64),
  connectTimeoutMs: milliseconds.default(5_000),
  firstTokenTimeoutMs: milliseconds.default(60_000),
  idleTimeoutMs: milliseconds.default(30_000),
});

/** `model` or `model@variant` of the repository. */
const LocalId = z.string().refine((value) => {
  const [id, variant, ...more] = value.split('@');
  return (
    ModelId.safeParse(id).success &&
    (variant === undefined || Variant.safeParse(variant).success) &&
    more.length === 0
  );
}, 'expected a model of the repository, such as smollm2-135m-instruct or smollm2-135m-instruct@int8');

const LocalEntry = z.strictObject({ local: LocalId });

/** A placement is what its first word says, so that its faults are those of one kind alone. */
const PlacementEntry = z.looseObject({}).transform((entry, context) => {
  const result = ('local' in entry ? LocalEntry : RemoteEntry).safeParse(entry);
  if (result.success) return result.data;
  for (const { message, path } of result.error.issues) context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
});

const ModelEntry = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(200)
    .refine((id) => id !== 'trivium', '`trivium` is taken: it names the assistant itself'),
  ownedBy: z.string().min(1).default('operator'),
  /** Tried in this order. */
  placements: z.array(PlacementEntry).min(1),
});

const ModelsFile = z.strictObject({ models: z.array(ModelEntry) });

/** A remote placement with its secrets resolved; it is never logged or answered as a whole. */
export type PlacementSettings = Omit<
  z.output<typeof RemoteEntry>,
  'apiKey' | 'headers' | 'model' | 'name'
> & {
  readonly name: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
};

/** A placement in this process. */
export interface LocalPlacementSettings {
  /** `model` or `model@variant` of the repository. */
  readonly local: string;
}

export interface ModelSettings {
  readonly id: string;
  readonly ownedBy: string;
  readonly placements: readonly (PlacementSettings | LocalPlacementSettings)[];
}

/** Reads the models file; every fault is reported with its line, never with a secret. */
export function parseModelsFile(text: string, source: string, env: NodeJS.ProcessEnv): ModelSettings[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors.map(
    (error) => `${source}:${error.linePos?.[0].line ?? 1}: ${error.message}`,
  );
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const result = ModelsFile.safeParse(document.toJS() ?? { models: [] });
  if (!result.success) {
    const faults = result.error.issues.map((issue) => {
      const node = document.getIn(issue.path, true) as { range?: [number, number, number] } | undefined;
      const line = node?.range ? lines.linePos(node.range[0]).line : 1;
      return `${source}:${line}: ${issue.path.join('.')}: ${issue.message}`;
    });
    throw new Error(faults.join('\n'));
  }
  return result.data.models.map((entry) => settingsOf(entry, env));
}

/** One model without a file: what the `TEXT_UPSTREAM_*` variables describe. */
export function modelFromUpstream(upstream: {
  readonly url: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly images: boolean;
}): ModelSettings {
  const { model, apiKey, ...placement } = upstream;
  const result = ModelEntry.safeParse({ id: model, placements: [placement] });
  if (!result.success) {
    const faults = result.error.issues.map(
      (issue) =>
        `${issue.path.at(-1) === 'url' ? 'TEXT_UPSTREAM_URL' : 'TEXT_UPSTREAM_MODEL'}: ${issue.message}`,
    );
    throw new Error(faults.join('\n'));
  }
  const settings = settingsOf(result.data, {});
  return { ...settings, placements: settings.placements.map((entry) => ({ ...entry, apiKey })) };
}

function settingsOf(entry: z.output<typeof ModelEntry>, env: NodeJS.ProcessEnv): ModelSettings {
  const placements = entry.placements.map((placement, index) => {
    if ('local' in placement) return placement;
    return remoteSettings(placement, index, entry.id, env);
  });
  return { id: entry.id, ownedBy: entry.ownedBy, placements };
}

function remoteSettings(
  placement: z.output<typeof RemoteEntry>,
  index: number,
  modelId: string,
  env: NodeJS.ProcessEnv,
): PlacementSettings {
  const where = `model ${modelId}, placement ${index + 1}`;
  const headers = Object.entries(placement.headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? value : secretOf(value, `${where}, header ${name}`, env),
  ]);
  return {
    ...placement,
    name: placement.name ?? `remote-${index + 1}`,
    model: placement.model ?? modelId,
    apiKey: placement.apiKey && secretOf(placement.apiKey, `${where}, apiKey`, env),
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

function secretOf(secret: Secret, where: string, env: NodeJS.ProcessEnv): string {
  if ('env' in secret) {
    const value = env[secret.env]?.trim();
    if (!value) throw new Error(`${where}: the environment variable ${secret.env} is not set`);
    return value;
  }
  try {
    return readFileSync(secret.file, 'utf8').trim();
  } catch (cause) {
    throw new Error(`${where}: the secret file ${secret.file} cannot be read`, { cause });
  }
}
