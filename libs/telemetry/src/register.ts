import { readSettings } from './lifecycle/settings.js';
import { startTelemetry } from './lifecycle/start-telemetry.js';
import { setRunningTelemetry } from './lifecycle/telemetry.js';
import { setLogLevel } from './logging/logger.js';

const settings = readSettings(process.env, process.argv[1]);
if (settings.logLevel !== undefined) setLogLevel(settings.logLevel);
// worker processes that this one starts speak for the same service
process.env['TRIVIUM_SERVICE'] = settings.service;
setRunningTelemetry(await startTelemetry(settings));
