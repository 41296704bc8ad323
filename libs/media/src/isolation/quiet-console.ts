/**
 * Imported first by a thread or process that runs decoders: they print what they find in hostile input,
 * as much of it as the input likes, while their findings come back as values.
 */
const ignore = (): void => undefined;

Object.assign(console, { debug: ignore, error: ignore, info: ignore, log: ignore, warn: ignore });
