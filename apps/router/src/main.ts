import { runService, startMicroservice } from '@trivium/platform';
import { routerConfig } from './router.config.js';
import { RouterModule } from './router.module.js';

await runService({
  name: 'router',
  config: routerConfig,
  start: (context) => startMicroservice(RouterModule.register(context.config, context.messaging), context),
});
