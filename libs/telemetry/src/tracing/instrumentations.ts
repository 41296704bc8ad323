import type { Instrumentation } from '@opentelemetry/instrumentation';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';

export function createInstrumentations(): Instrumentation[] {
  return [
    new UndiciInstrumentation({ requireParentforSpans: true }),
    new PgInstrumentation({ requireParentSpan: true }),
    new RuntimeNodeInstrumentation({ monitoringPrecision: 20 }),
  ];
}

/** Makes the instrumentation see `pg` that is imported rather than required, by a loader hook that looks at nothing else. */
export function hookModules(): void {
  if (supportsSyncHooks()) register({ include: ['pg', 'pg-pool'] });
}
