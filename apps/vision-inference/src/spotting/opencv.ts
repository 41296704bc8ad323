import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import process from 'node:process';
import type opencv from '@techstark/opencv-js';

export type OpenCv = typeof opencv;

const EVENTS = ['uncaughtException', 'unhandledRejection'];
const events: EventEmitter = process;

interface Loading {
  onRuntimeInitialized?: () => void;
}

/**
 * The WebAssembly module answers only after it has compiled. It is required and comes boxed, because it
 * has a `then` that resolves with itself: a promise of the bare module would never settle.
 */
export async function loadOpenCv(): Promise<{ readonly cv: OpenCv }> {
  const before = EVENTS.map((event) => new Set(events.listeners(event)));
  const cv = createRequire(import.meta.url)('@techstark/opencv-js') as OpenCv;
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
