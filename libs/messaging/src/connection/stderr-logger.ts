import type { MessagingLogger } from '../messaging.js';

/** Warnings and errors as JSON lines, for processes that bring no logger. */
export function stderrLogger(name: string): MessagingLogger {
  const write = (level: string) => (fields: object, message: string) =>
    void process.stderr.write(`${JSON.stringify({ level, name, ...fields, message })}\n`);
  const ignore = () => undefined;
  return { debug: ignore, info: ignore, warn: write('warn'), error: write('error') };
}
