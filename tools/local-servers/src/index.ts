export { freePort, isPortTaken } from './free-port.js';
export { findNatsServer, type NatsOptions, type NatsProcess, startNats } from './nats.js';
export { type PostgresOptions, type PostgresProcess, startPostgres } from './postgres.js';
export { type ServerCommand, ServerProcess } from './server-process.js';
export { ancestry, type CollectedSpan } from './collected-span.js';
export { startTraceCollector, type TraceCollector } from './trace-collector.js';
