import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rulesRejected } from '../events.js';
import { RulesStore } from './rules-store.js';

vi.mock(import('../events.js'), { spy: true });

const file = (): string => join(mkdtempSync(join(tmpdir(), 'rules-')), 'rules.yaml');
const rules = (name: string): string => `rules: [{ name: ${name}, pipeline: chat }]`;

describe('RulesStore', () => {
  let store: RulesStore | undefined;

  afterEach(() => {
    store?.onApplicationShutdown();
    vi.clearAllMocks();
  });

  const open = (path: string): RulesStore => (store = new RulesStore(path).watch());

  it('does not start without rules', () => {
    const path = file();

    expect(() => new RulesStore(path)).toThrow('ENOENT');
    writeFileSync(path, 'rules: 1');
    expect(() => new RulesStore(path)).toThrow('rules');
  });

  it('takes a changed file over, also when an editor replaces it', async () => {
    const path = file();
    writeFileSync(path, rules('one'));
    const watched = open(path);

    writeFileSync(path, rules('two'));
    await vi.waitFor(() => expect(watched.rules[0]?.name).toBe('two'));

    writeFileSync(`${path}.new`, rules('three'));
    renameSync(`${path}.new`, path);
    await vi.waitFor(() => expect(watched.rules[0]?.name).toBe('three'));
  });

  it('keeps the former rules when the new ones are faulty, and says where the fault is', async () => {
    const path = file();
    writeFileSync(path, rules('one'));
    const watched = open(path);

    writeFileSync(path, 'rules:\n  - name: two\n    pipeline: nope\n');
    await vi.waitFor(() =>
      expect(rulesRejected).toHaveBeenCalledWith({
        path,
        fault: expect.stringContaining(`${path}:3: rules.0.pipeline`),
      }),
    );
    expect(watched.rules[0]?.name).toBe('one');

    writeFileSync(path, rules('three'));
    await vi.waitFor(() => expect(watched.rules[0]?.name).toBe('three'));
  });
});
