import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';

/** Asked for every few seconds by orchestrators and Prometheus; a trace of each would bury the rest. */
const OPERATIONS = /^\/(health\/(live|ready)|metrics)(\?|$)/;

export function createInstrumentations(): Instrumentation[] {
  return [
    new HttpInstrumentation({
      disableOutgoingRequestInstrumentation: true, // what services ask of others goes through fetch
      ignoreIncomingRequestHook: (request) => OPERATIONS.test(request.url ?? ''),
    }),
    new UndiciInstrumentation({ requireParentforSpans: true }),
    new PgInstrumentation({ requireParentSpan: true }),
    new RuntimeNodeInstrumentation({ monitoringPrecision: 20 }),
  ];
}

/**
 * Makes the instrumentations see modules that are imported rather than required: `pg` through a
 * loader hook that looks at nothing else, `http` by loading it once through the patched `require`.
 */
export function hookModules(): void {
  if (supportsSyncHooks()) register({ include: ['pg', 'pg-pool'] });
  createRequire(import.meta.url)('node:http');
  syncBuiltinESMExports();
}
