import type { z } from 'zod';
import type { ServiceDefinition } from './running-service.js';

/** Owns the process of a service from configuration to a natural exit. */
export async function runService<Schema extends z.ZodObject>(
  definition: ServiceDefinition<Schema>,
): Promise<void> {
  throw new Error(`${definition.name} cannot be started yet`);
}
