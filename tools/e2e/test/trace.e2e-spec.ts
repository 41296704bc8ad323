import { startTraceCollector } from '@trivium/local-servers';
import { expect, it } from 'vitest';
import { sampleUrl, startTestHouse } from '../src/index.js';

it('shows one request as one tree, from HTTP down to the ONNX run', async () => {
  await using collector = await startTraceCollector();
  await using trivium = await startTestHouse({
    TRACE_EXPORTER: 'jaeger',
    OTEL_EXPORTER_JAEGER_ENDPOINT: collector.jaegerUrl,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  });
  const reply = await fetch(`${trivium.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${trivium.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'trivium',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '价税合计？' },
            {
              type: 'image_url',
              image_url: { url: await sampleUrl('invoices/invoice-01.jpg', 'image/jpeg') },
            },
          ],
        },
      ],
    }),
  });
  const traceId = reply.headers.get('x-trace-id') ?? '';
  expect(reply.status).toBe(200);
  await reply.arrayBuffer();

  const SERVICES = ['gateway', 'router', 'ocr-certification', 'vision-inference'];
  const isRun = ({ name }: { name: string }): boolean => name.startsWith('ocr ');
  const spans = await collector.waitForTrace(
    traceId,
    (ours) => ours.some(isRun) && SERVICES.every((name) => ours.some(({ service }) => service === name)),
  );
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);

  expect(roots.map(({ service }) => service)).toEqual(['gateway']);
  const run = spans.find(isRun);
  const path: string[] = [];
  for (let span = run; span !== undefined; span = byId.get(span.parentSpanId ?? '')) path.push(span.service);
  expect([...new Set(path)]).toEqual(['vision-inference', 'ocr-certification', 'router', 'gateway']);
});
