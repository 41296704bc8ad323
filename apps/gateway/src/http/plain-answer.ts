/** An answer that is neither JSON nor a file: a page, a metrics text, a JSON reply with a status of its own. */
export class PlainAnswer {
  constructor(
    readonly status: number,
    readonly body: string | Uint8Array,
    readonly headers: Readonly<Record<string, string>>,
  ) {}

  static json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): PlainAnswer {
    return new PlainAnswer(status, JSON.stringify(body), {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
    });
  }
}
