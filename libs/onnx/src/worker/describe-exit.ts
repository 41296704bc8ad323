const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGSEGV: 'invalid memory access',
  SIGBUS: 'invalid memory access',
  SIGABRT: 'native abort',
  SIGILL: 'instruction that this processor lacks',
  SIGFPE: 'arithmetic fault',
  SIGKILL: 'killed from outside, perhaps for its memory',
};

/** How a process ended, for people. Dismissed: its service ended it. */
export function describeExit(code: number | null, signal: NodeJS.Signals | null, dismissed = false): string {
  if (signal === null) return `code ${code ?? 'unknown'}`;
  const meaning = dismissed ? 'ended by its service' : SIGNALS[signal];
  return meaning === undefined ? signal : `${signal} (${meaning})`;
}
