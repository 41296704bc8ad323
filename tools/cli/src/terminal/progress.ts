import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.js';

/** Lines of a log come at most so often. */
const LINE_EVERY_MS = 5_000;

/** How far something is: a bar on a terminal, now and then a line elsewhere, nothing with `--json`. */
export interface Progress extends Disposable {
  /** Share from 0 to 1, and what is being done. */
  update(share: number, detail: string): void;
}

export function openProgress(title: string, terminal: Terminal): Progress {
  if (terminal.json) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  return terminal.err.isTTY ? bar(title, terminal) : lines(title, terminal);
}

function bar(title: string, { err }: Terminal): Progress {
  const single = new SingleBar(
    {
      stream: err,
      format: `${title} {bar} {percentage} % {detail}`,
      hideCursor: true,
      clearOnComplete: true,
      // Ctrl-C is the command's to handle.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  single.start(1, 0, { detail: '' });
  return {
    update: (share, detail) => single.update(share, { detail }),
    [Symbol.dispose]: () => single.stop(),
  };
}

function lines(title: string, { err }: Terminal): Progress {
  let last = Number.NEGATIVE_INFINITY;
  return {
    update: (share, detail) => {
      if (performance.now() - last < LINE_EVERY_MS) return;
      last = performance.now();
      err.write(`${title}: ${Math.floor(share * 100)} % ${detail}\n`);
    },
    [Symbol.dispose]: () => undefined,
  };
}
