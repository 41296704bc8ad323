import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { allEndpoints } from './all-endpoints.js';
import { docsPage } from './docs-page.js';
import { openApiDocument } from './openapi-document.js';

const document = openApiDocument(allEndpoints());
const text = JSON.stringify(document);

describe('the OpenAPI page', () => {
  it('is the one that is checked in (nx run gateway:openapi writes it)', async () => {
    const checkedIn = new URL('../../../../docs/openapi.json', import.meta.url);

    expect(JSON.parse(await readFile(checkedIn, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('points at nothing that is not there', () => {
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name ?? '',
    );

    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !Object.hasOwn(schemas, name))).toEqual([]);
    expect(text).not.toContain('#/$defs/');
  });

  it('names every operation once', () => {
    const ids = allEndpoints().map(({ operationId }) => operationId);

    expect(new Set(ids).size).toBe(ids.length);
  });

  it('lists parameters that are accepted and none that are refused', () => {
    const { schemas } = document['components'] as {
      schemas: Record<string, { properties: object } | undefined>;
    };

    expect(schemas['ChatCompletionRequest']?.properties).toHaveProperty('messages');
    expect(schemas['ChatCompletionRequest']?.properties).not.toHaveProperty('functions');
  });
});

it('the page for people shows every endpoint and loads nothing', () => {
  const page = docsPage(allEndpoints(), document);

  for (const { summary } of allEndpoints()) expect(page).toContain(summary.replaceAll("'", '&#39;'));
  expect(page).not.toMatch(/<script|<link|src=/);
});
