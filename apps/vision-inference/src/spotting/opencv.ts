import type { EventEmitter } from 'node:events';
import process from 'node:process';
import type opencv from '@techstark/opencv-js';

export type OpenCv = typeof opencv;

const EVENTS = ['uncaughtException', 'unhandledRejection'];
const events: EventEmitter = process;

interface Loading {
  onRuntimeInitialized?: () => void;
}

/**
 * The WebAssembly module answers only after it has compiled. It comes boxed: the module has a `then`
 * that resolves with itself, so a promise of the bare module would never settle.
 */
export async function loadOpenCv(): Promise<{ readonly cv: OpenCv }> {
  const before = EVENTS.map((event) => new Set(events.listeners(event)));
  const { default: cv } = (await import('@techstark/opencv-js')) as unknown as { default: OpenCv };
  const compiled = 'Mat' in cv;
  if (!compiled) {
    await new Promise<void>((resolve) => {
      (cv as Loading).onRuntimeInitialized = resolve;
    });
  }
  // It makes itself the handler of every stray error, which it answers by printing its own source.
  EVENTS.forEach((event, index) => {
    for (const listener of events.listeners(event)) {
      if (before[index]?.has(listener) === false) process.off(event, listener as () => void);
    }
  });
  return { cv };
}
