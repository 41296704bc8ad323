import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { OnApplicationShutdown } from '@nestjs/common';
import { rulesRejected, rulesReloaded } from '../events.js';
import { parseRules, type Rule } from './rules-file.js';

/** Editors and mounted volumes write in several steps; one reload for all of them. */
const SETTLE_MS = 50;

/** The rules in force. A changed file takes over at once; a file with a fault changes nothing. */
export class RulesStore implements OnApplicationShutdown {
  #rules: readonly Rule[];
  #text: string;
  #watcher: FSWatcher | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** Throws when the file is missing or faulty: a service does not start without rules. */
  constructor(private readonly path: string) {
    this.#text = readFileSync(path, 'utf8');
    this.#rules = parseRules(this.#text, path);
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Watches the folder, since editors replace the file and volumes swap a link beside it. */
  watch(): this {
    this.#watcher = watch(dirname(this.path), { persistent: false }, () => {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => this.reload(), SETTLE_MS);
      this.#settling.unref();
    });
    this.#watcher.on('error', (error) => rulesRejected({ path: this.path, fault: error.message }));
    return this;
  }

  reload(): void {
    try {
      const text = readFileSync(this.path, 'utf8');
      if (text === this.#text) return;
      // @NOTE remembered before parsing, so that one fault is reported once
      this.#text = text;
      this.#rules = parseRules(text, this.path);
      rulesReloaded({ path: this.path, rules: this.#rules.length });
    } catch (error) {
      rulesRejected({ path: this.path, fault: error instanceof Error ? error.message : String(error) });
    }
  }

  onApplicationShutdown(): void {
    clearTimeout(this.#settling);
    this.#watcher?.close();
  }
}
