import { fork } from 'node:child_process';

/** Starts the echo service as a launcher does, and then does nothing for it any more. */
fork(new URL('echo.child.ts', import.meta.url), {
  execArgv: ['--import', '@trivium/telemetry/register'],
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
