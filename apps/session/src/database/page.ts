import { DomainError } from '@trivium/contracts';

/** A moment as whole unix seconds; a float in transit, since an int4 ends in 2038. */
export const UNIX_SECONDS = (column: string): string => `floor(extract(epoch FROM ${column}))::float8`;

/** How SQL says the order: the comparison that goes on after a row, and the direction. */
export const ORDER = {
  asc: { beyond: '>', direction: 'ASC' },
  desc: { beyond: '<', direction: 'DESC' },
} as const;

/** Queries ask for one row more than the page holds; its presence is all that is needed of it. */
export function cutPage<Row>(rows: readonly Row[], limit: number): { rows: Row[]; hasMore: boolean } {
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
}

export function notFound(what: string): DomainError {
  return new DomainError('not_found', `No such ${what}`);
}

export function unknownCursor(): DomainError {
  return new DomainError('invalid_request', 'There is no such entry to go on after', { param: 'after' });
}
