import opencv from '@techstark/opencv-js';

export type OpenCv = typeof opencv;

interface Loading {
  onRuntimeInitialized?: () => void;
}

/**
 * The WebAssembly module answers only after it has compiled. It comes boxed: the module has a `then`
 * that resolves with itself, so a promise of the bare module would never settle.
 */
export async function loadOpenCv(): Promise<{ readonly cv: OpenCv }> {
  if (!('Mat' in opencv)) {
    await new Promise<void>((resolve) => {
      (opencv as Loading).onRuntimeInitialized = resolve;
    });
  }
  return { cv: opencv };
}
