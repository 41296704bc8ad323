import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import { LOGGER } from '@trivium/platform';
import type { Logger } from '@trivium/telemetry';
import { SESSION_CONFIG, type SessionConfig } from '../session.config.js';
import { CreateKey } from './create-key.js';
import { hashKey } from './key-hash.js';
import { VerifyKey } from './verify-key.js';

const KEY = { tenant: 'default', name: 'TRIVIUM_API_KEY', scopes: ['admin'] };

/** The key that the operator named works from the first moment; only its hash is kept. */
@Injectable()
export class EnsureConfiguredKey {
  constructor(
    @Inject(CreateKey) private readonly createKey: CreateKey,
    @Inject(VerifyKey) private readonly verifyKey: VerifyKey,
    @Inject(SESSION_CONFIG) private readonly config: SessionConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async execute(): Promise<void> {
    if (this.config.TRIVIUM_API_KEY === undefined) return;
    const hash = hashKey(this.config.TRIVIUM_API_KEY);
    try {
      await this.createKey.execute({ ...KEY, hash });
      await this.verifyKey.execute({ hash });
    } catch (error) {
      if (!DomainError.is(error) || error.retryable) throw error;
      // Revoked, or another tenant's: an operator's decision that a restart does not undo.
      this.logger.warn({ reason: error.message }, 'TRIVIUM_API_KEY was not made the key of tenant default');
    }
  }
}
