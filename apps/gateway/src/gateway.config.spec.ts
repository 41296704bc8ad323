import { loadConfig } from '@trivium/platform';
import { expect, it } from 'vitest';
import { gatewayConfig } from './gateway.config.js';

it('needs nothing, and listens on 8080', () => {
  expect(loadConfig(gatewayConfig, {})).toMatchObject({ PORT: 8080, HOST: '0.0.0.0' });
});

it('does not start with half of a certificate', () => {
  expect(() => loadConfig(gatewayConfig, { GATEWAY_TLS_CERT: 'pem' })).toThrow(/GATEWAY_TLS_KEY/);
});
