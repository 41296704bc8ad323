import { z } from 'zod';

/** One line of the configuration table. */
export interface ConfigRow {
  readonly name: string;
  readonly description: string;
  /** As one would write it in the environment; empty when there is none. */
  readonly default: string;
  readonly required: boolean;
  readonly secret: boolean;
}

/** The rows of the documentation table, in the order of the schema. A secret's default is never shown. */
export function describeConfig(schema: z.ZodObject): readonly ConfigRow[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const facts = factsOf(field);
    const unset = z.safeParse(field, undefined);
    const secret = facts.secret ?? false;
    return {
      name,
      description: facts.description ?? '',
      default: secret || !unset.success ? '' : written(unset.data),
      required: !unset.success,
      secret,
    };
  });
}

interface Facts {
  readonly description?: string | undefined;
  readonly secret?: boolean | undefined;
}

/** Descriptions sit on the layer they were called on: outermost first, then what it wraps. */
function factsOf(field: z.core.$ZodType): Facts {
  const meta = z.globalRegistry.get(field);
  const inner = innerOf(field);
  const below: Facts = inner === undefined ? {} : factsOf(inner);
  return {
    description: meta?.description ?? below.description,
    secret: meta?.['secret'] === undefined ? below.secret : meta['secret'] === true,
  };
}

function innerOf(field: z.core.$ZodType): z.core.$ZodType | undefined {
  const { def } = field._zod as { def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType } };
  return def.innerType ?? def.in;
}

function written(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(written).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
