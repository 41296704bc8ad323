import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRules } from './rules-file.js';

describe('parseRules', () => {
  it('takes the rules that are shipped', () => {
    const path = new URL('../../rules.yaml', import.meta.url);

    expect(parseRules(readFileSync(path, 'utf8'), 'rules.yaml').at(-1)).toMatchObject({
      pipeline: 'chat',
      when: {},
    });
  });

  it.each([
    ['rules: []', 'rules.yaml:1: rules'],
    ['rules:\n  - name: a\n    pipeline: chta\n', 'rules.yaml:3: rules.0.pipeline'],
    [
      'rules:\n  - name: a\n    pipeline: chat\n    when:\n      part: [image]\n',
      'rules.yaml:5: rules.0.when',
    ],
    [
      'rules:\n  - name: a\n    pipeline: chat\n    when: { words: nope }\n',
      'rules.yaml:4: rules.0.when.words',
    ],
    [
      'rules:\n  - name: a\n    pipeline: chat\n    when: { intent: nope }\n',
      'rules.yaml:4: rules.0.when.intent',
    ],
    [
      'intents:\n  a:\n    threshold: 2\n    examples: [hi]\nrules: [{ name: a, pipeline: chat }]\n',
      'rules.yaml:3: intents.a.threshold',
    ],
    [
      'intents:\n  a:\n    threshold: 0.5\n    examples: []\nrules: [{ name: a, pipeline: chat }]\n',
      'rules.yaml:4: intents.a.examples',
    ],
    ['rules:\n  - name: a\n    pipeline: chat\n    when: { pattern: "(" }\n', 'is not a regular expression'],
    [
      'rules:\n  - { name: a, pipeline: chat }\n  - { name: a, pipeline: chat }\n',
      'rules.yaml:3: rules.1.name: is used twice',
    ],
    ['rules:\n  - name: [\n', 'rules.yaml:3:'],
    ['', 'rules.yaml:1:'],
  ])('names the line of the fault in %j', (text, expected) => {
    expect(() => parseRules(text, 'rules.yaml')).toThrow(expected);
  });
});
