import { join, relative } from 'node:path';
import { API_KEY_FILE, type Settings } from './settings.js';

/** The last thing `npm start` prints: where it is and one request to paste. */
export function readyMessage(settings: Settings): string {
  const url = `http://localhost:${settings.port}`;
  return [
    '',
    `Trivium is ready at ${url}`,
    '',
    'Try it: a photo of an invoice, a question, a streamed answer:',
    '',
    `curl -N ${url}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer ${keyForShell(settings)}" \\`,
    "  -H 'Content-Type: application/json' -d @- <<JSON",
    '{"model": "trivium", "stream": true, "messages": [{"role": "user", "content": [',
    '  {"type": "text", "text": "这张发票的价税合计是多少？"},',
    '  {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,$(base64 -w0 samples/invoices/invoice-01.jpg)"}}]}]}',
    'JSON',
    '',
    `Documentation: ${url}/docs    Logs: ${relative(process.cwd(), join(settings.home, 'logs')) || '.'}    Stop: Ctrl-C`,
  ].join('\n');
}

/** A new key is shown once; afterwards the shell reads it from where it is kept. */
function keyForShell({ apiKey, apiKeyFrom, home }: Settings): string {
  if (apiKeyFrom === 'made') return apiKey;
  if (apiKeyFrom === 'environment') return '$TRIVIUM_API_KEY';
  return `$(cat ${relative(process.cwd(), join(home, API_KEY_FILE))})`;
}
