import { createContext, Script } from 'node:vm';

const script = new Script('work()');
const sandbox = createContext({ work: undefined as (() => unknown) | undefined }) as {
  work: (() => unknown) | undefined;
};

/**
 * What `work` returns, or undefined when it took longer than `milliseconds`. A regular expression that
 * backtracks without end is interrupted too, which no timer could do. `work` must not be asynchronous.
 */
export function withinTime<Result>(
  milliseconds: number,
  work: () => Result,
): { readonly result: Result } | undefined {
  sandbox.work = work;
  try {
    return { result: script.runInContext(sandbox, { timeout: milliseconds }) as Result };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    sandbox.work = undefined;
  }
}
