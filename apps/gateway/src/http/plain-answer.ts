/** An answer that is neither JSON nor a file: a page, a metrics text, a JSON reply with a status of its own. */
export class PlainAnswer {
  constructor(
    readonly status: number,
    readonly body: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {}

  static json(status: number, body: unknown): PlainAnswer {
    return new PlainAnswer(status, JSON.stringify(body), {
      'content-type': 'application/json; charset=utf-8',
    });
  }
}
