import type { Intent, Pipeline, Rule } from './rules-file.js';
import type { TurnTraits } from './turn-traits.js';

export interface Route {
  readonly pipeline: Pipeline;
  readonly rule: string;
  /** Why, in words a person can check. */
  readonly reason: string;
  /** Whether the words of a picture or file are shown as they stand. */
  readonly quoteText: boolean;
}

/** The first rule whose conditions all hold. */
export function planRoute(rules: readonly Rule[], traits: TurnTraits): Route {
  for (const { name, pipeline, quoteText, when } of rules) {
    const found = conditions(when, traits);
    if (found.every((why) => why !== undefined)) {
      return {
        pipeline,
        rule: name,
        reason: found.length > 0 ? found.join('; ') : 'no earlier rule matched',
        quoteText,
      };
    }
  }
  return { pipeline: 'chat', rule: 'none', reason: 'no rule matched', quoteText: false };
}

/**
 * The intents among which the question must be placed before the rules can decide; undefined when they decide
 * without: the first rule whose other conditions hold states no intent.
 */
export function intentsWanted(rules: readonly Rule[], traits: TurnTraits): readonly Intent[] | undefined {
  if (traits.question === '') return undefined;
  for (const { when } of rules) {
    const { intent, ...others } = when;
    if (conditions(others, traits).every((why) => why !== undefined)) return intent?.among;
  }
  return undefined;
}

/** For each condition that the rule states, why it holds; undefined where it does not. */
function conditions(when: Rule['when'], traits: TurnTraits): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const need = <Value>(stated: Value | undefined, why: (value: Value) => string | undefined): void => {
    if (stated !== undefined) found.push(why(stated));
  };
  need(when.parts, (kinds) =>
    listed(
      'the turn holds',
      kinds.filter((kind) => traits.parts.has(kind)),
    ),
  );
  need(when.mediaTypes, (types) =>
    listed(
      'media type',
      traits.mediaTypes.filter((type) => types.some((wanted) => sameType(type, wanted))),
    ),
  );
  need(when.words, ({ name, words }) =>
    listed(
      `${name} words`,
      words.filter(({ pattern }) => pattern.test(traits.question)).map(({ word }) => word),
    ),
  );
  need(when.intent, ({ wanted }) => {
    const { intent } = traits;
    if (intent?.name !== wanted.name || intent.score < wanted.threshold) return undefined;
    return `intent ${intent.name} (${intent.score.toFixed(2)}, like '${intent.example}')`;
  });
  need(when.pattern, (pattern) =>
    pattern.test(traits.question) ? `the question matches /${pattern.source}/` : undefined,
  );
  need(when.question, (wanted) => {
    if (wanted !== (traits.question !== '')) return undefined;
    return wanted ? 'there is a question' : 'there is no question';
  });
  need(when.artifacts, (kinds) =>
    listed(
      'an earlier turn read',
      kinds.filter((kind) => traits.artifacts.has(kind)),
    ),
  );
  need(when.tenants, (tenants) =>
    listed(
      'tenant',
      tenants.filter((tenant) => tenant === traits.tenant),
    ),
  );
  need(when.models, (models) =>
    listed(
      'model',
      models.filter((model) => model === traits.model),
    ),
  );
  return found;
}

function listed(what: string, values: readonly string[]): string | undefined {
  return values.length > 0 ? `${what}: ${values.slice(0, 5).join(', ')}` : undefined;
}

function sameType(type: string, wanted: string): boolean {
  return wanted.endsWith('/*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
