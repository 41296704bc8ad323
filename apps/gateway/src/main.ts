import 'reflect-metadata';
import { runService } from '@trivium/platform';
import { gatewayConfig } from './gateway.config.js';
import { startEdgeServer } from './http/edge-server.js';

await runService({ name: 'gateway', config: gatewayConfig, start: startEdgeServer });
