import { type DynamicModule, Module } from '@nestjs/common';
import type { Messaging } from '@trivium/messaging';
import { KnownModels } from './models/known-models.js';
import { AnswerTurn } from './pipeline/answer-turn.js';
import { GatherFacts } from './pipeline/gather-facts.js';
import { LanguageModel } from './pipeline/language-model.js';
import { MarkPlaces } from './pipeline/mark-places.js';
import type { RouterConfig } from './router.config.js';
import { FindIntent } from './rules/find-intent.js';
import { RulesStore } from './rules/rules-store.js';
import { Turns } from './session/turns.js';
import { ConverseHandler } from './turn/converse.handler.js';
import { HandleTurn } from './turn/handle-turn.js';

@Module({})
export class RouterModule {
  static register(config: RouterConfig, messaging: Messaging): DynamicModule {
    const rules = new RulesStore(config.ROUTER_RULES_FILE).watch();
    const models = new KnownModels(messaging);
    const handleTurn = new HandleTurn(
      rules,
      new FindIntent(messaging, config.ROUTER_INTENT_DEADLINE_MS),
      models,
      new Turns(messaging, config.ROUTER_HISTORY_ITEMS),
      new GatherFacts(messaging, config.ROUTER_MAX_DOCUMENTS),
      new AnswerTurn(
        new LanguageModel(messaging),
        models,
        {
          historyCharacters: config.ROUTER_HISTORY_CHARACTERS,
          documentCharacters: config.ROUTER_DOCUMENT_CHARACTERS,
        },
        new MarkPlaces(messaging),
      ),
    );
    return {
      module: RouterModule,
      controllers: [ConverseHandler],
      providers: [
        { provide: RulesStore, useValue: rules },
        { provide: HandleTurn, useValue: handleTurn },
      ],
    };
  }
}
