import { readFileSync } from 'node:fs';
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every fault of a configuration, by name. Values appear neither in the message nor in the list. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly faults: readonly string[]) {
    super(`Configuration rejected:\n  ${faults.join('\n  ')}`);
  }
}

/** A schema from its fields; each field carries `.describe()`, and `.meta({ secret: true })` where due. */
export function defineConfig<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape> {
  return z.object(shape);
}

/**
 * Parses the environment once. `NAME_FILE` names a file that holds the value of `NAME`; an empty
 * variable counts as unset.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): Readonly<z.output<Schema>> {
  const [config] = loadConfigs([schema], environment);
  return config as Readonly<z.output<Schema>>;
}

/** Several schemas against one environment: the faults of all are reported together. */
export function loadConfigs(schemas: readonly z.ZodObject[], environment: Environment): readonly object[] {
  const faults = new Set<string>();
  const configs: object[] = [];
  for (const schema of schemas) {
    const { values, unreadable } = readVariables(Object.keys(schema.shape), environment);
    for (const fault of unreadable.values()) faults.add(fault);
    const result = schema.safeParse(values);
    if (result.success) configs.push(freeze(result.data));
    else
      for (const issue of result.error.issues)
        if (!unreadable.has(nameOf(issue))) faults.add(faultOf(issue, values));
  }
  if (faults.size > 0) throw new ConfigurationError([...faults]);
  return configs;
}

function readVariables(names: readonly string[], environment: Environment) {
  const values: Record<string, string> = {};
  const unreadable = new Map<string, string>();
  for (const name of names) {
    const value = environment[name];
    const path = environment[`${name}_FILE`];
    if (value && path)
      unreadable.set(name, `${name}: set directly and through ${name}_FILE; set one of them`);
    else if (value) values[name] = value;
    else if (path) readValue(name, path, values, unreadable);
  }
  return { values, unreadable };
}

function readValue(
  name: string,
  path: string,
  values: Record<string, string>,
  unreadable: Map<string, string>,
): void {
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (value !== '') values[name] = value;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    unreadable.set(name, `${name}_FILE: the file cannot be read (${reason})`);
  }
}

const nameOf = (issue: z.core.$ZodIssue): string => String(issue.path[0] ?? '');

function faultOf(issue: z.core.$ZodIssue, values: Readonly<Record<string, string>>): string {
  const name = nameOf(issue);
  if (name === '') return issue.message;
  if (values[name] === undefined) return `${name}: is required`;
  const message = values[name].length > 0 ? issue.message.replaceAll(values[name], '…') : issue.message;
  return `${issue.path.join('.')}: ${message}`;
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value))
    return value;
  Object.freeze(value);
  for (const nested of Object.values(value)) freeze(nested);
  return value;
}
