/** What the shell is told; `docs/guides/models.md` lists them. */
export const EXIT = {
  failed: 1,
  usage: 2,
  unreachable: 3,
  forbidden: 4,
  notFound: 5,
  refused: 6,
  interrupted: 130,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Something the user is told in a sentence, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exit: Exit = EXIT.failed,
    /** Whether the same request may succeed when it is sent again, and after how many milliseconds. */
    readonly retry?: { readonly afterMs?: number | undefined } | undefined,
  ) {
    super(message);
  }
}
