import { runService, startMicroservice } from '@trivium/platform';
import { sessionConfig } from './session.config.js';
import { SessionModule } from './session.module.js';

await runService({
  name: 'session',
  config: sessionConfig,
  start: (context) => startMicroservice(SessionModule.register(context), context),
});
