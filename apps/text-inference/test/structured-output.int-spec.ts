import type { GeneratePart, GenerateRequest } from '@trivium/contracts/generate';
import { describe, expect, it } from 'vitest';
import { ModelCatalogue } from '../src/catalogue/model-catalogue.js';
import { GenerateText } from '../src/generation/generate-text.js';
import { failure, remoteScene, request } from './remote-scene.js';
import { DONE, data, finish, says, stream } from './upstream.js';

const JSON_REQUEST = request({
  responseFormat: {
    type: 'json_schema',
    name: 'invoice',
    schema: {
      type: 'object',
      properties: { total: { type: 'number' }, seller: { type: 'string' } },
      required: ['total'],
      additionalProperties: false,
    },
  },
});

describe('structured output of a remote placement', () => {
  const scene = remoteScene();
  const answer = async (asked: GenerateRequest): Promise<GeneratePart[]> => {
    const placements = [scene.place()];
    const generate = new GenerateText(new ModelCatalogue([{ id: 'm', ownedBy: 'operator', placements }], 0));
    const parts: GeneratePart[] = [];
    const call = {
      signal: new AbortController().signal,
      requestId: 'r',
      tenant: 'acme',
      priority: 'interactive' as const,
      remaining: () => 60_000,
    };
    for await (const part of generate.execute(asked, call)) parts.push(part);
    return parts;
  };
  const said = (parts: readonly GeneratePart[]): string =>
    parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

  it('asks once more after a broken answer and gives the right one, with the usage of both', async () => {
    scene.upstream.will(says('{"total": ', '"many"}'), says('{"total": 12.5, "seller": "上海"}'));

    const parts = await answer(JSON_REQUEST);

    expect(said(parts)).toBe('{"total": 12.5, "seller": "上海"}');
    expect(parts.at(-1)).toEqual({
      type: 'generation-end',
      reason: 'stop',
      usage: { inputTokens: 6, outputTokens: 3 },
    });
    expect(scene.upstream.calls[1]?.body).toMatchObject({
      response_format: { type: 'json_schema' },
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: '{"total": "many"}' },
        { role: 'user', content: expect.stringContaining('at /total: must be number') as unknown },
      ],
    });
  });

  it('refuses what is never right', async () => {
    scene.upstream.will(says('{"seller": "secret"}'));

    const error = await failure(answer(JSON_REQUEST));

    expect(error.code).toBe('invalid_output');
    expect(error.message).toContain("must have required property 'total'");
    expect(error.message).not.toContain('secret');
    expect(scene.upstream.calls).toHaveLength(2);
  });

  it('takes a fence away', async () => {
    scene.upstream.will(says('```json\n', '{"total": 1}', '\n```'));

    expect(said(await answer(JSON_REQUEST))).toBe('{"total": 1}');
    expect(scene.upstream.calls).toHaveLength(1);
  });

  it('asks again for a call whose arguments are cut', async () => {
    const calls =
      (args: string): Parameters<typeof scene.upstream.will>[0] =>
      (response) => {
        stream(response);
        const call = {
          index: 0,
          id: 'call_1',
          type: 'function',
          function: { name: 'weather', arguments: args },
        };
        response.end(
          data({ choices: [{ index: 0, delta: { tool_calls: [call] } }] }) + finish('tool_calls') + DONE,
        );
      };
    scene.upstream.will(calls('{"city": "上'), calls('{"city": "上海"}'));

    const parts = await answer(
      request({
        tools: [
          { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
        ],
      }),
    );

    expect(parts.filter(({ type }) => type === 'tool-call-delta')).toEqual([
      { type: 'tool-call-delta', index: 0, id: 'call_1', name: 'weather', arguments: '{"city": "上海"}' },
    ]);
  });

  it('asks nobody with a schema that is invalid', async () => {
    scene.upstream.will(says('{}'));
    const broken = { type: 'json_schema' as const, name: 'n', schema: { type: 'foo' } };

    expect(await failure(answer(request({ responseFormat: broken })))).toMatchObject({
      code: 'invalid_request',
      param: 'response_format.json_schema.schema',
    });
    expect(scene.upstream.calls).toHaveLength(0);
  });
});
