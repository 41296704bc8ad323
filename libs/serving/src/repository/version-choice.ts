import { DomainError } from '@trivium/contracts';
import type { TrafficRule } from '@trivium/contracts/inference';
import type { VersionPolicy } from '@trivium/contracts/model-manifest';
import type { z } from 'zod';
import { shareOf } from './traffic.js';

export interface VersionFact {
  readonly version: string;
  /** Loaded, and answering. */
  readonly ready: boolean;
  /** Its last attempt to load failed; passed over while another one can answer. */
  readonly failed?: boolean | undefined;
}

export interface VersionQuestion {
  /** Names the model in errors. */
  readonly model: string;
  readonly policy: VersionPolicy;
  readonly versions: readonly VersionFact[];
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly traffic?: readonly z.output<typeof TrafficRule>[] | undefined;
  /** A number, a label, or nothing. */
  readonly requested?: string | undefined;
  /** Who asks: one key is always sent to the same version while the traffic stays as it is. */
  readonly key: string;
}

export interface VersionChoice {
  readonly version: string;
  readonly by: 'number' | 'label' | 'traffic' | 'policy';
}

const NAMED_VERSIONS = 16;

/** The versions that the policy wants served, of those that exist, ascending. */
export function availableVersions(policy: VersionPolicy, versions: readonly string[]): string[] {
  const sorted = [...versions].sort((one, other) => Number(one) - Number(other));
  if ('latest' in policy) return sorted.slice(-policy.latest.num_versions);
  if ('all' in policy) return sorted;
  return sorted.filter((version) => policy.specific.versions.includes(version));
}

/**
 * Which version answers. A number is served when the policy, a label or the traffic names it, or when it
 * is loaded; a label is served as the version that it stands for. Without either, callers are spread
 * by the traffic's weights, and what those leave goes to the newest ready version under the policy. A new
 * version that is not ready, or failed to load, leaves the work to the older one that is.
 *
 * Throws `model_not_found` (`param: version`) for an unknown number or label, `model_not_available` for
 * a version outside the policy and a model without versions.
 */
export function chooseVersion(question: VersionQuestion): VersionChoice {
  const { model, requested, versions, labels = {} } = question;
  if (versions.length === 0) {
    throw new DomainError('model_not_available', `${model} has no version`, { param: 'model' });
  }
  if (requested === undefined) return chooseFreely(question);
  if (/^[0-9]/.test(requested)) return { version: named(question, requested), by: 'number' };
  const labelled = Object.hasOwn(labels, requested) ? labels[requested] : undefined;
  if (labelled === undefined || !versions.some(({ version }) => version === labelled)) {
    const known = Object.keys(labels).sort().slice(0, NAMED_VERSIONS);
    throw new DomainError(
      'model_not_found',
      `${model} has no version labelled '${requested}'${known.length > 0 ? `; its labels: ${known.join(', ')}` : ''}`,
      { param: 'version' },
    );
  }
  return { version: labelled, by: 'label' };
}

function named(
  { model, policy, versions, labels = {}, traffic = [] }: VersionQuestion,
  number: string,
): string {
  const numbers = versions.map(({ version }) => version);
  const fact = versions.find(({ version }) => version === number);
  if (fact === undefined) {
    const known = availableVersions({ all: {} }, numbers).slice(-NAMED_VERSIONS);
    throw new DomainError(
      'model_not_found',
      `${model} has no version ${number}; it has: ${known.join(', ')}`,
      {
        param: 'version',
      },
    );
  }
  const wanted =
    fact.ready ||
    availableVersions(policy, numbers).includes(number) ||
    Object.values(labels).includes(number) ||
    traffic.some(({ version }) => version === number);
  if (wanted) return number;
  throw new DomainError(
    'model_not_available',
    `Version ${number} of ${model} is outside its version policy`,
    {
      param: 'version',
    },
  );
}

function chooseFreely(question: VersionQuestion): VersionChoice {
  const { versions, traffic = [], key, model } = question;
  const facts = new Map(versions.map((fact) => [fact.version, fact]));
  const listed = traffic.filter(({ version, percent }) => percent > 0 && facts.has(version));
  const ready = listed.filter(({ version }) => facts.get(version)?.ready === true);
  const rest = 100 - listed.reduce((sum, { percent }) => sum + percent, 0);
  const shares = ready.map(({ version, percent }) => ({ name: version, weight: percent }));
  const names = new Set(listed.map(({ version }) => version));
  const others = rest > 0 || ready.length === 0 ? newest(question, names) : undefined;
  // A share whose version is not ready falls to the others in proportion, not to an error.
  if (others !== undefined && (rest > 0 || ready.length === 0)) {
    shares.push({ name: others, weight: Math.max(rest, Number.MIN_VALUE) });
  }
  const version = shareOf(shares, `${model}\0${key}`) ?? newest(question, new Set());
  if (version === undefined) {
    throw new DomainError('model_not_available', `${model} has no version that its policy serves`, {
      param: 'model',
    });
  }
  return { version, by: names.has(version) ? 'traffic' : 'policy' };
}

/** The newest that is ready; failing that the newest that did not fail; failing that the newest. */
function newest({ policy, versions }: VersionQuestion, except: ReadonlySet<string>): string | undefined {
  const numbers = versions.map(({ version }) => version);
  const wanted = new Set(availableVersions(policy, numbers));
  // Under `latest` an older version may stand in for a new one that does not load.
  const standIns = 'latest' in policy ? versions.filter(({ version }) => !wanted.has(version)) : [];
  const preferred = versions.filter(({ version }) => wanted.has(version) && !except.has(version));
  const spare = standIns.filter(({ version }) => !except.has(version));
  const candidates = [
    preferred.filter(({ ready }) => ready),
    spare.filter(({ ready }) => ready),
    preferred.filter(({ failed }) => failed !== true),
    spare.filter(({ failed }) => failed !== true),
    preferred,
  ];
  const first = candidates.find((one) => one.length > 0) ?? [];
  return availableVersions(
    { all: {} },
    first.map(({ version }) => version),
  ).at(-1);
}
