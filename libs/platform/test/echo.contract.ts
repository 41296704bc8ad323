import { call } from '@trivium/contracts';
import { z } from 'zod';

export const sayBack = call({
  subject: 'echo.say-back.v1',
  request: z.object({ text: z.string(), hold: z.boolean().default(false) }),
  reply: z.object({ text: z.string(), pid: z.int() }),
  errors: ['invalid_request', 'unavailable', 'deadline_exceeded'],
});
