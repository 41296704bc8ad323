import { startTraceCollector } from '@trivium/local-servers';
import { encoderModel } from '@trivium/onnx/synthesis';
import { expect, it } from 'vitest';
import { eventually, inferJson, startTestHouse, trivium, v2, writeModel } from '../src/index.js';

it('says that a cold model is loading, and shows the request as one tree down to its worker', async () => {
  await using collector = await startTraceCollector();
  await using house = await startTestHouse({
    MODELS_LOAD_WAIT_MS: '1',
    TRACE_EXPORTER: 'jaeger',
    OTEL_EXPORTER_JAEGER_ENDPOINT: collector.jaegerUrl,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  });
  const folder = await writeModel(house.home, 'cold', encoderModel());
  expect(await trivium(house, 'add', folder)).toMatchObject({ code: 0 });
  const inputs = [
    { name: 'input_ids', datatype: 'INT64', shape: [1, 2], data: [1, 2] },
    { name: 'attention_mask', datatype: 'INT64', shape: [1, 2], data: [1, 1] },
  ];

  const first = await v2(house, '/models/cold/infer', { inputs });
  expect(first.status).toBe(503);
  expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await first.json()).toMatchObject({
    error: expect.stringContaining('cold'),
    loading: { state: expect.any(String), progress: expect.any(Number) },
  });

  let traceId = '';
  await eventually(async () => {
    const { status, headers } = await inferJson(house, 'cold', inputs);
    traceId = headers.get('x-trace-id') ?? '';
    return status === 200;
  });
  const spans = await collector.waitForTrace(traceId, (ours) => ours.some(({ name }) => name === 'infer'));
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const path: string[] = [];
  const run = spans.find(({ name }) => name === 'infer');
  for (let span = run; span !== undefined; span = byId.get(span.parentSpanId ?? '')) {
    path.unshift(`${span.service}: ${span.name}`);
  }
  expect(path).toEqual([
    'gateway: POST /v2/models/:model/infer',
    'gateway: send text-inference.infer-tensors.v1',
    'text-inference: process text-inference.infer-tensors.v1',
    'text-inference: infer',
  ]);
});
