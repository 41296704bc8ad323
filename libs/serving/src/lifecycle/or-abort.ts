/** Rejects as soon as the signal aborts. Leaves a late result to nobody: what opens after the abort is closed. */
export async function orAbort<Resource extends AsyncDisposable>(
  opened: Promise<Resource>,
  signal: AbortSignal,
): Promise<Resource> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([opened, aborted]);
  } catch (error) {
    void opened.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined); // its own failure came too late to matter
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
