import { DomainError } from '@trivium/contracts';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import { parse, YAMLParseError } from 'yaml';
import { type Fault, faultsOf, faulty } from './fault.js';

const SUBJECT = 'model.yaml';
const LONGEST_TEXT = 256 * 1024;

/**
 * Reads a `model.yaml`. Throws `invalid_request` that names every field at fault, the first of them as
 * `param` (`dynamic_batching.cost.unit`); a text that is not YAML is named by its line.
 */
export function parseManifest(text: string): ModelManifest {
  if (text.length > LONGEST_TEXT) {
    throw new DomainError('invalid_request', `${SUBJECT} is longer than ${LONGEST_TEXT} characters`);
  }
  return readManifest(parseYaml(text));
}

/** The same of a value that was parsed already. */
export function readManifest(value: unknown): ModelManifest {
  const result = ModelManifest.safeParse(value);
  if (!result.success) {
    throw faulty(
      SUBJECT,
      result.error.issues.flatMap((issue) => faultsOf(issue)),
    );
  }
  checkManifest(result.data);
  return result.data;
}

/** What the schema cannot say: fields that must fit each other. Throws as {@link parseManifest} does. */
export function checkManifest(manifest: ModelManifest): void {
  const faults = [
    ...namesTwice(manifest.input, 'input'),
    ...namesTwice(manifest.output, 'output'),
    ...batchingFaults(manifest),
    ...variantFaults(manifest),
    ...sourceFaults(manifest),
  ];
  if (faults.length > 0) throw faulty(SUBJECT, faults);
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const line = error.linePos?.[0].line;
    throw new DomainError(
      'invalid_request',
      `${SUBJECT} is not YAML${line === undefined ? '' : `, line ${line}`}: ${error.code}`,
      { cause: error, ...(line === undefined ? {} : { details: { line } }) },
    );
  }
}

function namesTwice(specs: readonly { readonly name: string }[], field: string): Fault[] {
  const seen = new Set<string>();
  return specs.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ param: `${field}[${index}].name`, message: `'${name}' is there twice` }];
  });
}

function batchingFaults({ dynamic_batching: batching, input }: ModelManifest): Fault[] {
  const faults: Fault[] = [];
  if (batching.default_priority_level > batching.priority_levels) {
    faults.push({
      param: 'dynamic_batching.default_priority_level',
      message: `is above priority_levels, ${batching.priority_levels}`,
    });
  }
  const { cost } = batching;
  if (cost.input !== undefined && input.length > 0 && !input.some(({ name }) => name === cost.input)) {
    faults.push({ param: 'dynamic_batching.cost.input', message: `no input is named '${cost.input}'` });
  }
  if (batching.shape_buckets.length > 0 && cost.input === undefined) {
    faults.push({
      param: 'dynamic_batching.shape_buckets',
      message: 'are lengths of dynamic_batching.cost.input, which is not given',
    });
  }
  batching.shape_buckets.forEach((length, index) => {
    if (length <= (batching.shape_buckets[index - 1] ?? 0)) {
      faults.push({ param: `dynamic_batching.shape_buckets[${index}]`, message: 'must ascend' });
    }
  });
  return faults;
}

function variantFaults({ variant_policy: policy }: ModelManifest): Fault[] {
  if (policy.under_load?.variant !== policy.default) return [];
  return [{ param: 'variant_policy.under_load.variant', message: 'is the default already' }];
}

/** A file beside a package is what its checksum says, or the package could change under a running service. */
function sourceFaults({ source, files }: ModelManifest): Fault[] {
  if (source?.kind !== 'package') return [];
  return Object.entries(files).flatMap(([role, { sha256 }]) =>
    sha256 === undefined
      ? [{ param: `files.${role}.sha256`, message: 'is needed for a file of a package' }]
      : [],
  );
}
