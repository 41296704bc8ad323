import { DomainError } from '@trivium/contracts';
import type { Hub, HubAnswer } from './hub.js';
import type { HubFile } from './hub-file.js';
import { PartFile } from './part-file.js';
import { Patience, type PatienceOptions, retryAfterMs } from './patience.js';

interface DownloadOptions {
  /** Where the file ends up. */
  readonly target: string;
  /** Most bytes that are taken when nobody said beforehand how many there are. */
  readonly maxBytes: number;
  readonly patience?: PatienceOptions | undefined;
  readonly signal: AbortSignal;
  /** Bytes of the file on disk after each piece; may go back when it begins anew. */
  readonly onBytes: (bytes: number, total: number | undefined) => void;
}

/**
 * Fetches one file of a hub to disk: goes on where an earlier attempt ended when the hub vouches by its
 * ETag for the same file, begins anew when it does not, tries again after failures that pass, and hands
 * the file over only when its length and SHA-256 are right. Rejects with `upstream_error` (and no file
 * left) when they are not.
 */
export class Download {
  readonly #hub: Hub;
  readonly #file: HubFile;
  readonly #options: DownloadOptions;
  #expectedSha256: string | undefined;

  constructor(hub: Hub, file: HubFile, options: DownloadOptions) {
    this.#hub = hub;
    this.#file = file;
    this.#options = options;
    this.#expectedSha256 = file.sha256;
  }

  async execute(): Promise<{ sha256: string; bytes: number }> {
    const part = await PartFile.open(this.#options.target, this.#file.url.href);
    try {
      const continued = part.bytes > 0;
      await this.#receive(part);
      if (continued && !this.#isRight(part)) {
        // What lay on disk may be what is wrong; the hub gets one chance to send all of it.
        await part.remove();
        await this.#receive(part);
      }
      await this.#check(part);
      await part.finish();
      return { sha256: part.sha256, bytes: part.bytes };
    } finally {
      await part.close();
    }
  }

  /** Until the whole file has come. */
  async #receive(part: PartFile): Promise<void> {
    const patience = new Patience(this.#options.patience);
    for (;;) {
      const before = part.bytes;
      try {
        return await this.#attempt(part);
      } catch (error) {
        await patience.afterFailure(error, Math.max(0, part.bytes - before), this.#options.signal);
      }
    }
  }

  async #attempt(part: PartFile): Promise<void> {
    const { signal } = this.#options;
    const answer = await this.#hub.ask('GET', this.#file.url, continuation(part), signal);
    try {
      await this.#accept(answer, part);
    } catch (error) {
      answer.body.on('error', () => undefined).destroy();
      throw error;
    }
  }

  async #accept({ status, headers, body, linked }: HubAnswer, part: PartFile): Promise<void> {
    this.#expectedSha256 ??= linked.sha256;
    // All that there is was already here.
    if (status === 416 && part.bytes > 0 && part.bytes === rangeTotal(headers))
      return void (await body.dump());
    if (status === 416 && part.bytes > 0) {
      await part.remove();
      throw this.#fault('no longer has the part of the file that is missing', true);
    }
    if (status !== 200 && status !== 206) throw this.#refusal(status, headers);
    const total = totalBytes(status, headers);
    this.#checkTotal(total ?? linked.bytes);
    if (status === 200) await part.startOver(strongEtag(headers));
    else if (rangeStart(headers) !== part.bytes) {
      await part.remove();
      throw this.#fault('answers with another part of the file than was asked for', true);
    }
    await this.#write(body, part, total);
  }

  async #write(body: AsyncIterable<Uint8Array>, part: PartFile, total: number | undefined): Promise<void> {
    const { onBytes, maxBytes } = this.#options;
    const most = total ?? this.#file.bytes ?? maxBytes;
    onBytes(part.bytes, total);
    for await (const chunk of body) {
      if (part.bytes + chunk.byteLength > most) {
        await part.remove();
        throw this.#fault(`sends more than the ${most} bytes that were announced`, false);
      }
      await part.append(chunk);
      onBytes(part.bytes, total);
    }
    if (part.bytes < (total ?? 0)) throw this.#fault('stopped in the middle of the file', true);
  }

  #checkTotal(total: number | undefined): void {
    const { bytes } = this.#file;
    const { maxBytes } = this.#options;
    if (total === undefined) return;
    if (bytes !== undefined && total !== bytes) {
      throw this.#fault(`has ${total} bytes where the manifest says ${bytes}`, false);
    }
    if (total > maxBytes) throw this.#fault(`has ${total} bytes; at most ${maxBytes} are taken`, false);
  }

  #isRight(part: PartFile): boolean {
    const { bytes } = this.#file;
    return (
      (bytes === undefined || bytes === part.bytes) &&
      (this.#expectedSha256 === undefined || this.#expectedSha256 === part.sha256)
    );
  }

  async #check(part: PartFile): Promise<void> {
    if (part.bytes > 0 && this.#isRight(part)) return;
    const { bytes } = this.#file;
    const fault =
      part.bytes === 0
        ? 'sent an empty file'
        : bytes !== undefined && bytes !== part.bytes
          ? `sent ${part.bytes} bytes where the manifest says ${bytes}`
          : `sent a file whose SHA-256 is ${part.sha256}, where ${this.#expectedSha256} is right`;
    await part.remove();
    throw this.#fault(fault, false);
  }

  #refusal(status: number, headers: HubAnswer['headers']): DomainError {
    const { origin } = this.#file.url;
    switch (status) {
      case 401:
      case 403:
        return new DomainError(
          'permission_denied',
          `${origin} refuses ${this.#name} (HTTP ${status}). Its terms may have to be accepted there first; ` +
            'MODELS_HUB_TOKEN is the key that is shown to the hub.',
        );
      case 404:
      case 410:
        return new DomainError('not_found', `${origin} has no file ${this.#name}.`);
      default: {
        const retryable = status === 408 || status === 429 || status >= 500;
        const wait = retryAfterMs(headers['retry-after'], Date.now());
        return new DomainError('upstream_error', `${origin} answers HTTP ${status} for ${this.#name}.`, {
          retryable,
          ...(wait !== undefined && { retryAfterMs: wait }),
        });
      }
    }
  }

  /** Without the query of the address, which may hold a signature. */
  get #name(): string {
    return decodeURIComponent(this.#file.url.pathname.slice(1));
  }

  #fault(what: string, retryable: boolean): DomainError {
    return new DomainError('upstream_error', `${this.#file.url.origin}, ${this.#name}: ${what}.`, {
      retryable,
      param: `manifest.files[${JSON.stringify(this.#file.path)}]`,
    });
  }
}

function continuation({ bytes, etag }: PartFile): Record<string, string> {
  if (bytes === 0 || etag === undefined) return {};
  return { range: `bytes=${bytes}-`, 'if-range': etag };
}

/** A weak one does not promise the same bytes. */
function strongEtag({ etag }: HubAnswer['headers']): string | undefined {
  return etag?.startsWith('"') ? etag : undefined;
}

function totalBytes(status: number, headers: HubAnswer['headers']): number | undefined {
  if (status === 206) return rangeTotal(headers);
  return positive(headers['content-length']);
}

/** `bytes 5-9/10`, `bytes *\/10`: 10. */
function rangeTotal(headers: HubAnswer['headers']): number | undefined {
  return positive(/^bytes [^/]*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]);
}

function rangeStart(headers: HubAnswer['headers']): number | undefined {
  const start = /^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
