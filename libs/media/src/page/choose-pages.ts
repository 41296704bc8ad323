import { DomainError } from '@trivium/contracts';
import { type Origin, unsupported } from '../media-type/admit.js';

export interface PageChoice extends Origin {
  /** From 1, in the order wanted. Absent: all. */
  readonly pages?: readonly number[] | undefined;
}

/** The pages to read of a document with so many; refuses more than `maxPages` at once and pages that are not there. */
export function choosePages(
  noun: string,
  pageCount: number,
  maxPages: number,
  choice: PageChoice,
): readonly number[] {
  const pages = choice.pages ?? Array.from({ length: pageCount }, (_, index) => index + 1);
  if (pages.length > maxPages) {
    throw unsupported(
      `The ${noun} has ${pageCount} pages and ${pages.length} are wanted; at most ${maxPages} are read at once.`,
      choice,
    );
  }
  const absent = pages.find((page) => !Number.isInteger(page) || page < 1 || page > pageCount);
  if (absent !== undefined) {
    throw new DomainError(
      'invalid_request',
      `The ${noun} has ${pageCount} pages; there is no page ${absent}.`,
      {
        param: choice.path,
      },
    );
  }
  return pages;
}
