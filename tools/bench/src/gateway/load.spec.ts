import { expect, it } from 'vitest';
import { readReport } from './load.js';

const REPORT = `Running 3s test @ http://127.0.0.1:8080/v1/models/trivium
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.91ms  612.00us  14.92ms   91.30%
    Req/Sec    22.14k     1.20k   23.61k    80.00%
  Latency Distribution
     50%    2.80ms
     99%  980.00us
  66123 requests in 3.00s, 40.10MB read
  Non-2xx or 3xx responses: 66123
Requests/sec:  22041.55
Transfer/sec:     13.37MB
`;

it('reads rate and latency, whatever its unit', () => {
  expect(readReport(REPORT)).toEqual({ rate: 22_041.55, p99: 0.98 });
});

it('is not content with a load that was cut short', () => {
  const cut = REPORT.replace(
    '  Non-2xx',
    '  Socket errors: connect 0, read 3, write 0, timeout 1\n  Non-2xx',
  );

  expect(() => readReport(cut)).toThrow('Socket errors');
});
