import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Verified, verifyEvidence } from '@trivium/evidence';
import { Command } from 'commander';
import { hashFile, readAnswer, readTrustedKey } from '../evidence/read-answer.js';
import { CliError, EXIT } from '../server/cli-error.js';
import { homeOf } from '../server/settings.js';
import { coloured, say, show, type Terminal } from '../terminal/terminal.js';

interface VerifyOptions {
  readonly key?: string;
  readonly document?: string;
  readonly portrait?: string;
}

/** The file that the server publishes its key in, in its home. */
const PUBLIC_KEY_FILE = 'evidence-key.pub.pem';

/** `trivium evidence …`: nothing of it asks a server. */
export function evidenceCommand(env: Readonly<NodeJS.ProcessEnv>, terminal: () => Terminal): Command {
  const evidence = new Command('evidence').description('the evidence of verdicts about certificates');
  evidence
    .command('verify <file>')
    .description('check the signature of an answer, and run its rules again')
    .option(
      '--key <file>',
      `the key that is trusted; default: ${PUBLIC_KEY_FILE} of TRIVIUM_HOME, if it is there`,
    )
    .option('--document <file>', 'the document that was sent')
    .option('--portrait <file>', 'the portrait that was sent')
    .action(async (file: string, options: VerifyOptions) => verify(file, options, env, terminal()));
  return evidence;
}

async function verify(
  file: string,
  options: VerifyOptions,
  env: Readonly<NodeJS.ProcessEnv>,
  terminal: Terminal,
): Promise<void> {
  const answer = await readAnswer(file);
  const key = options.key ?? (await publishedKey(env));
  const verified = verifyEvidence({
    ...answer,
    trustedKey: key === undefined ? undefined : await readTrustedKey(key),
    files: {
      ...(options.document !== undefined && { document: await hashFile(options.document) }),
      ...(options.portrait !== undefined && { portrait: await hashFile(options.portrait) }),
    },
  });
  const fails = verified.filter(({ outcome }) => outcome === 'fails').length;
  const { kind, verdict } = answer.evidence.statement;
  show(terminal, { valid: fails === 0, verified }, () => verified.map((entry) => lineOf(entry, terminal)));
  if (fails > 0) throw new CliError(`Not valid: ${fails} of ${verified.length} points fail.`, EXIT.failed);
  if (!terminal.json) say(terminal, `Valid: ${kind.value ?? 'a document of no known kind'}, ${verdict}.`);
}

const MARKS = {
  holds: ['green', 'holds      '],
  fails: ['red', 'FAILS      '],
  'not-checked': ['yellow', 'not checked'],
} as const satisfies Record<Verified['outcome'], readonly ['green' | 'red' | 'yellow', string]>;

function lineOf({ outcome, what }: Verified, terminal: Terminal): string {
  const [colour, mark] = MARKS[outcome];
  return `${coloured(colour, mark, terminal)}  ${what}`;
}

async function publishedKey(env: Readonly<NodeJS.ProcessEnv>): Promise<string | undefined> {
  const file = join(homeOf(env), PUBLIC_KEY_FILE);
  return access(file).then(
    () => file,
    () => undefined,
  );
}
