export interface SseEvent {
  readonly event: string | undefined;
  readonly data: string;
}

/** Reads an event stream block by block; comments come as events named `comment`. */
export async function* sseEvents(response: Response): AsyncGenerator<SseEvent> {
  let rest = '';
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream(),
  )) {
    rest += chunk;
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) yield parse(block);
  }
}

function parse(block: string): SseEvent {
  if (block.startsWith(':')) return { event: 'comment', data: block.slice(1).trim() };
  const lines = block.split('\n');
  const value = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  return { event: value('event'), data: value('data') ?? '' };
}
