import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigurationError, defineConfig, loadConfig, loadConfigs } from './load-config.js';
import { platformConfig } from './platform.config.js';

const schema = defineConfig({
  MODEL: z.string().min(1),
  LIMIT: z.coerce.number().int().positive().default(64),
  LIST: z
    .string()
    .default('a,b')
    .transform((text) => text.split(',')),
  PASSWORD: z.string().min(12).optional().meta({ secret: true }),
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
  }
  return [];
}

describe('loadConfig', () => {
  it('parses, fills in defaults, and gives something nobody can change', () => {
    const config = loadConfig(schema, { MODEL: 'm', LIMIT: '3', UNRELATED: 'x' });

    expect(config).toEqual({ MODEL: 'm', LIMIT: 3, LIST: ['a', 'b'] });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.LIST)).toBe(true);
  });

  it('reports every fault at once, by name and without values', () => {
    const faults = faultsOf({ LIMIT: 'many-of-them', PASSWORD: 'shortpass' });

    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['MODEL', 'LIMIT', 'PASSWORD']);
    expect(faults[0]).toBe('MODEL: is required');
    expect(faults.join()).not.toMatch(/many-of-them|shortpass/);
  });

  it('masks a value that a message would repeat', () => {
    const picky = z.object({
      MODE: z.string().refine(() => false, { error: (issue) => `no ${String(issue.input)} here` }),
    });

    expect(() => loadConfig(picky, { MODE: 'private-mode' })).toThrow('MODE: no … here');
  });

  it('takes an empty variable for unset', () => {
    expect(loadConfig(schema, { MODEL: 'm', LIMIT: '', PASSWORD: '' })).toMatchObject({ LIMIT: 64 });
    expect(faultsOf({ MODEL: '' })).toEqual(['MODEL: is required']);
  });

  it('reads a value from the file that NAME_FILE names, without its last line break', () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'correct horse battery\n');

    expect(loadConfig(schema, { MODEL: 'm', PASSWORD_FILE: file }).PASSWORD).toBe('correct horse battery');
  });

  it('reports a file that cannot be read, and a value given twice, once each', () => {
    expect(faultsOf({ MODEL_FILE: join(folder, 'absent') })).toEqual([
      'MODEL_FILE: the file cannot be read (ENOENT)',
    ]);
    expect(faultsOf({ MODEL: 'm', MODEL_FILE: '/x' })).toEqual([
      'MODEL: set directly and through MODEL_FILE; set one of them',
    ]);
  });

  it('joins the faults of several schemas', () => {
    expect(() => loadConfigs([platformConfig, schema], { OPS_PORT: '70000' })).toThrow(
      /OPS_PORT: [^]*MODEL: /,
    );
  });
});
