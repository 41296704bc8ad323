export { type House, SERVICES, type ServiceName, startHouse } from './house.js';
export { readSettings, type Settings } from './settings.js';
