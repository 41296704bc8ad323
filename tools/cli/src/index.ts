export { type CliWorld, runCli } from './cli.js';
