import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeConfigurationPage } from './configuration-page.js';

await writeConfigurationPage(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));
