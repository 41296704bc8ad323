import { DomainError } from '@trivium/contracts';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What exists elsewhere and is not offered here: parameter, and the reason that the client is told. */
export type Refusals = Readonly<Record<string, string>>;

/**
 * Turns what zod found into the error a client reads: one fault, named by its path as the client wrote
 * it. A parameter that is unknown, or has a value that is refused, is unsupported rather than malformed.
 */
export function inputFault(error: z.core.$ZodError, input: unknown, refusals: Refusals = {}): DomainError {
  const issue = mostLikely(error.issues);
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  const param = path.length === 0 ? undefined : formatPath(path);
  const reason = param !== undefined && Object.hasOwn(refusals, param) ? refusals[param] : undefined;
  if (reason !== undefined) {
    return new DomainError('unsupported_parameter', `'${param}' is not supported: ${reason}`, { param });
  }
  if (issue.code === 'unrecognized_keys') {
    return new DomainError('unsupported_parameter', `Unknown parameter: '${param}'.`, { param });
  }
  if (param !== undefined && valueAt(input, path) === undefined) {
    return new DomainError('invalid_request', `Missing required parameter: '${param}'.`, { param });
  }
  const where = param === undefined ? 'The request' : `'${param}'`;
  return new DomainError('invalid_request', `${where}: ${messageOf(issue)}`, { param });
}

/** `['messages', 0, 'content']` becomes `messages[0].content`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

/** Of a union's branches the one that got furthest is the one the client meant. */
function mostLikely(issues: readonly Issue[]): Issue {
  const issue = issues[0];
  if (issue === undefined) throw new Error('A failed check has at least one issue.');
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const branches = issue.errors.filter((branch) => branch.length > 0).map(mostLikely);
  const furthest = branches.reduce((best, next) => (depth(next) > depth(best) ? next : best));
  return depth(furthest) === 0 ? issue : { ...furthest, path: [...issue.path, ...furthest.path] };
}

/** An unknown key means that all known ones were right; any other fault than a wrong type, that the type was. */
function depth(issue: Issue): number {
  if (issue.code === 'unrecognized_keys') return issue.path.length + 1;
  return issue.path.length + (issue.code === 'invalid_type' ? 0 : 0.5);
}

function messageOf(issue: Issue): string {
  if (issue.code === 'invalid_union') return unionMessage(issue);
  return issue.message.endsWith('.') ? issue.message : `${issue.message}.`;
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const expected = issue.errors
    .flatMap((branch) => branch.slice(0, 1))
    .map((branch) => (branch.code === 'invalid_type' ? branch.expected : undefined))
    .filter((name) => name !== undefined);
  if (expected.length > 0) return `expected ${[...new Set(expected)].join(' or ')}.`;
  return 'this value is not one of those supported.';
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    input,
  );
}
