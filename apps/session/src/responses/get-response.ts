import { Inject, Injectable } from '@nestjs/common';
import type { StoredResponse } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';
import { loadResponse } from './load-response.js';

@Injectable()
export class GetResponse {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute({ responseId }: { readonly responseId: string }, tenant: string): Promise<StoredResponse> {
    const loaded = await loadResponse(this.database, tenant, responseId);
    if (loaded === undefined || loaded.deleted) throw notFound('response');
    return loaded.response;
  }
}
