import { AdminClient } from '../server/admin-client.js';
import { readSettings, type Settings } from '../server/settings.js';
import type { Terminal } from '../terminal/terminal.js';

/** What every command works with. */
export interface Session {
  readonly client: AdminClient;
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Made when a command runs that needs the server; looking at a file does not. */
export type OpenSession = () => Promise<Session>;

export function sessionOpener(
  env: Readonly<NodeJS.ProcessEnv>,
  options: () => { readonly url?: string | undefined },
  terminal: () => Terminal,
  signal: AbortSignal,
): OpenSession {
  return async () => {
    const settings = await readSettings(env, options().url);
    return { client: new AdminClient(settings), settings, terminal: terminal(), signal };
  };
}

/** `/admin/models/<id>` with whatever follows. */
export function modelPath(model: string, rest = ''): string {
  return `/admin/models/${encodeURIComponent(model)}${rest}`;
}
