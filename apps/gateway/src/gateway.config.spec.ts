import { loadConfig } from '@trivium/platform';
import { expect, it } from 'vitest';
import { gatewayConfig } from './gateway.config.js';

it('needs nothing, and listens on 8080', () => {
  expect(loadConfig(gatewayConfig, {})).toMatchObject({ PORT: 8080, HOST: '0.0.0.0' });
});

it('does not start with half of a certificate', () => {
  expect(() => loadConfig(gatewayConfig, { GATEWAY_TLS_CERT: 'pem' })).toThrow(/GATEWAY_TLS_KEY/);
});

it('does not start with a budget that the largest body would break', () => {
  const environment = { GATEWAY_FILE_LIMIT_BYTES: '1000000', GATEWAY_BODY_LIMIT_BYTES: '1000000' };

  expect(() => loadConfig(gatewayConfig, { ...environment, GATEWAY_BODY_BUDGET_BYTES: '2000000' })).toThrow(
    /GATEWAY_BODY_BUDGET_BYTES/,
  );
});
