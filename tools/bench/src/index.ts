export type { Benchmark, BenchmarkOptions, Row } from './harness/benchmark.js';
