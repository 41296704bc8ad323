import { spawn } from 'node:child_process';

/**
 * Runs one server in a session of its own and ends it when the launcher is gone.
 *
 * A terminal's Ctrl-C reaches every process of the foreground group at once; a database that hears it
 * would leave before the services that still drain into it. So servers are detached, and this process,
 * which holds the launcher's IPC channel, stops the server when told to or when the channel closes,
 * even if the launcher was killed with SIGKILL.
 */
interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly stopSignal: NodeJS.Signals;
  readonly uid?: number;
  readonly gid?: number;
  readonly env: Readonly<Record<string, string>>;
}

process.once('message', (message) => {
  const launch = message as Launch;
  const server = spawn(launch.command, [...launch.args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...launch.env },
    ...(launch.uid === undefined ? {} : { uid: launch.uid }),
    ...(launch.gid === undefined ? {} : { gid: launch.gid }),
  });
  server.once('error', (error) => {
    process.stderr.write(`${launch.command}: ${error.message}\n`);
    process.exit(127);
  });
  server.once('spawn', () => {
    // The launcher may have gone meanwhile; a failed send must not end the guardian before its server.
    if (process.connected) process.send?.({ pid: server.pid }, () => undefined);
    else server.kill(launch.stopSignal);
  });
  server.once('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128));
  process.on('disconnect', () => server.kill(launch.stopSignal));
  process.on('message', (signal) => server.kill(signal as NodeJS.Signals));
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
