import type { Logger } from '@trivium/telemetry';

/**
 * Ends the process when something keeps it alive past its budget. The timer itself keeps nothing
 * alive: a process that has closed everything leaves before it, with its own exit code.
 */
export function guardExit(afterMs: number, logger: Logger): void {
  setTimeout(() => {
    logger.fatal(
      { afterMs, resources: process.getActiveResourcesInfo() },
      'still alive after the stop; leaving',
    );
    process.exit(1);
  }, afterMs).unref();
}
