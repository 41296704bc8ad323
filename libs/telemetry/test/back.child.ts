import { currentTraceId, extractTrace, injectTrace, inSpan, shutdownTelemetry } from '../dist/index.js';

/** Works for another process, in its trace, and leaves. */
process.once('message', (headers: Record<string, string>) => {
  const parent = extractTrace((key) => headers[key]);
  void inSpan('back', 'work', { parent }, async () => {
    const failed = await inSpan('back', 'step', {}, () => {
      throw Object.assign(new Error('out of paper'), { code: 'unavailable' });
    }).catch((error: Error) => error.message);
    const passedOn: Record<string, string> = {};
    injectTrace((key, value) => (passedOn[key] = value));
    return { failed, traceId: currentTraceId(), passedOn };
  })
    .then((seen) => process.send?.(seen))
    .then(() => shutdownTelemetry())
    .then(() => process.disconnect());
});
