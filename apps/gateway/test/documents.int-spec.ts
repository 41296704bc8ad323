import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateReply } from './certificate-reply.js';
import { dataUrl, png, SVG } from './pictures.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway();
  client = gateway.client;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe('documents', () => {
  const line = {
    quadrilateral: [
      [0, 0],
      [9, 0],
      [9, 9],
      [0, 9],
    ] as [[number, number], [number, number], [number, number], [number, number]],
    text: '价税合计',
    confidence: 0.99,
  };
  const reading = {
    pages: [{ page: 1, width: 10, height: 10, lines: [line] }],
    execution: [
      { model: 'm', variant: 'fp32', placement: 'cpu' as const, queueMs: 1, computeMs: 2, batchSize: 1 },
    ],
  };

  it('are read from a data URL, an upload or a form', async () => {
    const asked: object[] = [];
    gateway.services.documents = (request) => {
      asked.push(request);
      return reading;
    };
    const bytes = await png();
    const file = await client.files.create({
      file: new File([new Uint8Array(bytes)], 'scan.png', { type: 'image/png' }),
      purpose: 'vision',
    });
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'scan.png');
    form.append('pages', '1, 3');
    const answers = [
      await gateway.post('/v1/documents/ocr', { document: dataUrl('image/png', bytes), pages: [2] }),
      await gateway.post('/v1/documents/ocr', { file_id: file.id }),
      await gateway.fetch('/v1/documents/ocr', { method: 'POST', body: form }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await answers[0]?.json()).toMatchObject({
      object: 'document.text',
      pages: [{ lines: [{ text: '价税合计' }] }],
      execution: [{ queue_ms: 1, batch_size: 1 }],
    });
    expect(asked).toMatchObject([
      { path: 'document', pages: [2], layout: true },
      { path: 'file_id', filename: 'scan.png' },
      { path: 'file', filename: 'scan.png', pages: [1, 3] },
    ]);
  });

  it('yield invoices in snake case', async () => {
    const field = {
      value: '84.00',
      normalized: '84.00',
      confidence: 1,
      quadrilateral: null,
      page: 1,
      source: 'ocr' as const,
    };
    const none = {
      code: null,
      number: null,
      date: null,
      checkCode: null,
      buyerName: field,
      buyerTaxId: null,
    };
    gateway.services.invoices = () => ({
      ...reading,
      invoice: {
        documentType: { kind: 'vat', value: 'vat', confidence: 1 },
        details: {},
        fields: {
          ...none,
          sellerName: null,
          sellerTaxId: null,
          netAmount: null,
          taxAmount: null,
          totalInWords: null,
          total: field,
        },
        items: [],
        checks: [{ id: 'net-plus-tax-is-total', status: 'passed', message: 'ok' }],
        verdict: 'PASS',
        reasons: [],
      },
    });
    const response = await gateway.post('/v1/documents/invoices', {
      document: dataUrl('image/png', await png()),
    });

    expect(await response.json()).toMatchObject({
      object: 'document.invoice',
      invoice: {
        document_type: { value: 'vat' },
        fields: { buyer_name: { value: '84.00' }, check_code: null },
      },
    });
  });

  it('yield certificates with their evidence, and take a portrait', async () => {
    const asked: object[] = [];
    gateway.services.certificates = (request) => {
      asked.push(request);
      return { ...certificateReply(), ...reading };
    };
    const picture = dataUrl('image/png', await png());
    const response = await gateway.post('/v1/documents/certificates', {
      document: picture,
      portrait: picture,
    });

    expect(await response.json()).toMatchObject({
      object: 'document.certificate',
      certificate: {
        kind: { value: 'identity-card-back' },
        fields: { expiry_date: null },
        verdict: 'REVIEW',
      },
      evidence: certificateReply().evidence,
    });
    expect(asked).toMatchObject([{ path: 'document', portrait: { path: 'portrait' } }]);
    const both = { document: picture, portrait: picture, portrait_file_id: 'file_1' };
    const refusal = await gateway.post('/v1/documents/certificates', both);
    expect(await refusal.json()).toMatchObject({ error: { param: 'portrait' } });
    expect(await (await gateway.fetch('/v1/evidence/key')).json()).toMatchObject({ object: 'evidence.key' });
  });

  it.each([
    ['document', {}],
    ['document', { document: 'data:image/png;base64,AAAA', file_id: 'file_1' }],
    ['document', { document: dataUrl('image/svg+xml', SVG) }],
    ['document', { document: 'https://example.com/invoice.pdf' }],
    ['pages[0]', { document: 'data:image/png;base64,AAAA', pages: [0] }],
  ])('are refused by name: %s', async (param, body) => {
    const response = await gateway.post('/v1/documents/ocr', body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });
});
