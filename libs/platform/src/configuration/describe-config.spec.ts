import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeConfig } from './describe-config.js';
import { platformConfig } from './platform.config.js';

describe('describeConfig', () => {
  it('finds description, default and secrecy under whatever wraps them', () => {
    const rows = describeConfig(
      z.object({
        REQUIRED: z.string().describe('must be there'),
        LIMIT: z.coerce.number().describe('how many').default(64),
        LIST: z
          .string()
          .default('a,b')
          .transform((text) => text.split(','))
          .describe('which'),
        PASSWORD: z.string().default('changeme').describe('credential').meta({ secret: true }),
        TOKEN: z.string().meta({ secret: true, description: 'token' }).optional(),
      }),
    );

    expect(rows).toEqual([
      { name: 'REQUIRED', description: 'must be there', default: '', required: true, secret: false },
      { name: 'LIMIT', description: 'how many', default: '64', required: false, secret: false },
      { name: 'LIST', description: 'which', default: 'a,b', required: false, secret: false },
      { name: 'PASSWORD', description: 'credential', default: '', required: false, secret: true },
      { name: 'TOKEN', description: 'token', default: '', required: false, secret: true },
    ]);
  });

  it('has a description for everything the platform reads', () => {
    expect(describeConfig(platformConfig).filter(({ description }) => description === '')).toEqual([]);
  });
});
