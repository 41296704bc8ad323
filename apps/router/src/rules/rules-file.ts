import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

const PIPELINES = ['chat', 'document', 'image-text'] as const;
export type Pipeline = (typeof PIPELINES)[number];

const oneOrMore = <Item extends z.ZodType>(item: Item) => z.array(item).min(1);

const Pattern = z
  .string()
  .min(1)
  .transform((source, issues) => {
    try {
      return new RegExp(source, 'iu');
    } catch {
      issues.addIssue({ code: 'custom', message: 'is not a regular expression' });
      return z.NEVER;
    }
  });

/** Bounds are those of `text-inference.classify`, which is asked with all intents at once. */
const IntentEntry = z.strictObject({
  /** Cosine of the question with the nearest example, from which on the question is taken for one of these. */
  threshold: z.number().min(0).max(1),
  examples: oneOrMore(z.string().min(1).max(2_000)).max(64),
});

const When = z.strictObject({
  parts: oneOrMore(z.enum(['text', 'image', 'file', 'audio'])).optional(),
  mediaTypes: oneOrMore(z.string().regex(/^[\w.+-]+\/([\w.+-]+|\*)$/)).optional(),
  words: z.string().optional(),
  intent: z.string().optional(),
  pattern: Pattern.optional(),
  question: z.boolean().optional(),
  artifacts: oneOrMore(z.enum(['invoice', 'document-text'])).optional(),
  tenants: oneOrMore(z.string()).optional(),
  models: oneOrMore(z.string()).optional(),
});

const RulesFile = z
  .strictObject({
    words: z.record(z.string(), oneOrMore(z.string().min(1))).default({}),
    intents: z
      .record(z.string().regex(/^[a-z0-9-]+$/), IntentEntry)
      .refine((intents) => Object.keys(intents).length <= 64, 'at most 64 intents')
      .default({}),
    rules: oneOrMore(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]+$/),
        when: When.default({}),
        pipeline: z.enum(PIPELINES),
        quoteText: z.boolean().default(false),
      }),
    ),
  })
  .superRefine(({ rules, words, intents }, issues) => {
    const seen = new Set<string>();
    for (const [index, rule] of rules.entries()) {
      if (seen.has(rule.name)) {
        issues.addIssue({ code: 'custom', path: ['rules', index, 'name'], message: 'is used twice' });
      }
      seen.add(rule.name);
      if (rule.when.words !== undefined && !Object.hasOwn(words, rule.when.words)) {
        issues.addIssue({
          code: 'custom',
          path: ['rules', index, 'when', 'words'],
          message: 'names no list of words',
        });
      }
      if (rule.when.intent !== undefined && !Object.hasOwn(intents, rule.when.intent)) {
        issues.addIssue({
          code: 'custom',
          path: ['rules', index, 'when', 'intent'],
          message: 'names no intent',
        });
      }
    }
  });

export interface WordList {
  readonly name: string;
  readonly words: readonly { readonly word: string; readonly pattern: RegExp }[];
}

export interface Intent {
  readonly name: string;
  readonly threshold: number;
  readonly examples: readonly string[];
}

export interface IntentCondition {
  readonly wanted: Intent;
  /** All intents of the file: a question belongs to the nearest of them. */
  readonly among: readonly Intent[];
}

export type Rule = Omit<z.output<typeof RulesFile>['rules'][number], 'when'> & {
  readonly when: Omit<z.output<typeof When>, 'words' | 'intent'> & {
    readonly words?: WordList | undefined;
    readonly intent?: IntentCondition | undefined;
  };
};

/** Reads the rules; the error names every fault with its line. */
export function parseRules(text: string, source: string): Rule[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors.map(
    (error) => `${source}:${error.linePos?.[0].line ?? 1}: ${error.message}`,
  );
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const result = RulesFile.safeParse(document.toJS());
  if (!result.success) {
    const faults = result.error.issues.map(
      ({ path, message }) => `${source}:${lineOf(document, path, lines)}: ${path.join('.')}: ${message}`,
    );
    throw new Error(faults.join('\n'));
  }
  const { words, intents, rules } = result.data;
  const among = Object.entries(intents).map(([name, entry]) => ({ name, ...entry }));
  return rules.map(({ when, ...rule }) => {
    const { words: list, intent: name, ...conditions } = when;
    const wanted = among.find((intent) => intent.name === name);
    return {
      ...rule,
      when: {
        ...conditions,
        ...(list === undefined ? {} : { words: { name: list, words: (words[list] ?? []).map(compile) } }),
        ...(wanted === undefined ? {} : { intent: { wanted, among } }),
      },
    };
  });
}

/** Latin words match whole, Chinese ones anywhere: there are no spaces to stand between. */
function compile(word: string): WordList['words'][number] {
  const escaped = word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const latin = /^[\p{Script=Latin}\d ]+$/u.test(word);
  return {
    word,
    pattern: new RegExp(
      latin ? `(?<![\\p{Script=Latin}\\d])${escaped}(?![\\p{Script=Latin}\\d])` : escaped,
      'iu',
    ),
  };
}

function lineOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly PropertyKey[],
  lines: LineCounter,
): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return lines.linePos(Number(node.range[0])).line;
    }
  }
  return 1;
}
