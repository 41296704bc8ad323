import { call, stream } from '@trivium/contracts';
import { z } from 'zod';

/** What every contender sends and gets back. */
export const PAYLOAD = { text: 'x'.repeat(1_024), number: 42 } as const;

export const echo = call({
  subject: 'bench.echo-text.v1',
  request: z.object({ text: z.string(), number: z.int() }),
  reply: z.object({ text: z.string(), number: z.int() }),
  errors: [],
});

export const count = stream({
  subject: 'bench.count-up.v1',
  request: z.object({ parts: z.int() }),
  part: z.object({ type: z.literal('text-delta'), text: z.string() }),
  errors: [],
});

/** About one token of text. */
export const PART = { type: 'text-delta', text: ' token' } as const;

export const BARE_SUBJECT = 'bench.bare';
export const NEST_ECHO = 'bench.nest-echo';
export const NEST_COUNT = 'bench.nest-count';
