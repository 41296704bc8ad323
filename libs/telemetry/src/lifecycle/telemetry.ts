/** What `register` started in this process; nothing when the process was not preloaded. */
export interface RunningTelemetry {
  renderMetrics(): Promise<string>;
  shutdown(timeoutMs: number): Promise<void>;
}

let running: RunningTelemetry | undefined;

export function setRunningTelemetry(telemetry: RunningTelemetry): void {
  running = telemetry;
}

/** All metrics of this process in the Prometheus text format. */
export async function renderMetrics(): Promise<string> {
  return running === undefined
    ? '# telemetry is not registered in this process\n'
    : await running.renderMetrics();
}

/** Sends what is still queued, within the time given, and stops recording. Never rejects. */
export async function shutdownTelemetry(timeoutMs = 5_000): Promise<void> {
  const telemetry = running;
  running = undefined;
  await telemetry?.shutdown(timeoutMs);
}
