export { type InvoiceTruth, type Split } from './invoice/truth.js';
