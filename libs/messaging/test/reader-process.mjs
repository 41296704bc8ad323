// Reads a stream in a process of its own, so that a test can end that process without warning.
// usage: node reader-process.mjs <servers> <subject> <parts to read before it stops reading>
import { connectMessaging } from '../dist/index.js';
import { stream } from '@trivium/contracts';
import { z } from 'zod';

const [, , servers, subject, reads] = process.argv;
const contract = stream({ subject, request: z.any(), part: z.any(), errors: [] });
const messaging = await connectMessaging({ name: 'reader', servers });

let read = 0;
for await (const _part of messaging.stream(contract, { to: 1_000_000 }, { window: 8, deadline: 600_000 })) {
  if (++read < Number(reads)) continue;
  process.send({ read });
  await new Promise(() => undefined);
}
