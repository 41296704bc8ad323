import { styleText } from 'node:util';

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Where words and progress go. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  /** The server's answer as it is, instead of words for people. */
  readonly json: boolean;
}

/** For people on a terminal that has colours; `NO_COLOR` and pipes get none. */
export function coloured(colour: Colour, text: string, { out }: Terminal): string {
  return styleText(colour, text, { stream: out, validateStream: true });
}

export function say({ out }: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) out.write(`${line}\n`);
}

/** The answer itself with `--json`, otherwise what is made of it. */
export function show<Answer>(
  terminal: Terminal,
  answer: Answer,
  lines: (answer: Answer) => readonly string[],
): void {
  if (terminal.json) say(terminal, JSON.stringify(answer, null, 2));
  else say(terminal, ...lines(answer));
}
