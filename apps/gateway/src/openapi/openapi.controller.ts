import { Controller } from '@nestjs/common';
import { endpoint } from '../http/endpoint.js';
import { PlainAnswer } from '../http/plain-answer.js';
import { Serves } from '../http/serves.js';
import { allEndpoints } from './all-endpoints.js';
import { docsPage } from './docs-page.js';
import { openApiDocument } from './openapi-document.js';

const place = { tag: 'Operations', access: 'public', method: 'GET' } as const;

export const openApi = endpoint({
  ...place,
  operationId: 'openApi',
  path: '/openapi.json',
  summary: 'All endpoints in OpenAPI 3.1',
});

export const docs = endpoint({
  ...place,
  operationId: 'docs',
  path: '/docs',
  summary: 'All endpoints for people',
});

export const home = endpoint({
  ...place,
  operationId: 'home',
  path: '/',
  summary: 'Leads to the documentation',
});

@Controller()
export class OpenApiController {
  readonly #document = openApiDocument(allEndpoints());
  readonly #json = PlainAnswer.json(200, this.#document);
  readonly #page = new PlainAnswer(200, docsPage(allEndpoints(), this.#document), {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  });

  /** Browsers follow the redirect; what does not reads where to look. */
  readonly #home = new PlainAnswer(
    302,
    'Trivium is running. Documentation: /docs, machine-readable: /openapi.json, state: /health/ready\n',
    { location: '/docs', 'content-type': 'text/plain; charset=utf-8' },
  );

  @Serves(openApi)
  openApi(): PlainAnswer {
    return this.#json;
  }

  @Serves(docs)
  docs(): PlainAnswer {
    return this.#page;
  }

  @Serves(home)
  home(): PlainAnswer {
    return this.#home;
  }
}
