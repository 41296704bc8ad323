import type { z } from 'zod';
import { type Environment, loadConfigs } from './load-config.js';
import { platformConfig, type PlatformConfig } from './platform.config.js';

/** A service's own variables and the platform's; the faults of both are reported together. */
export function loadServiceConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): Readonly<z.output<Schema> & PlatformConfig> {
  const [platform, own] = loadConfigs([platformConfig, schema], environment);
  return Object.freeze({ ...platform, ...own }) as Readonly<z.output<Schema> & PlatformConfig>;
}
