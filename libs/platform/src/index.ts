export { ConfigurationError, defineConfig, loadConfig } from './configuration/load-config.js';
export { type ConfigRow, describeConfig } from './configuration/describe-config.js';
export { platformConfig, type PlatformConfig } from './configuration/platform.config.js';
export { type CheckResult, Health, type Probe, type ReadinessReport } from './health/health.js';
export { runService } from './service/run-service.js';
export type { RunningService, ServiceDefinition, StartContext } from './service/running-service.js';
export { PlatformModule, startMicroservice } from './service/start-microservice.js';
export { NestLogger } from './service/nest-logger.js';
export { HEALTH, LOGGER } from './service/tokens.js';
