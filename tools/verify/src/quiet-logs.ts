import { setLogLevel } from '@trivium/telemetry';

// Loaded before every unit test file: services' own log lines would bury the test report.
setLogLevel('silent');
