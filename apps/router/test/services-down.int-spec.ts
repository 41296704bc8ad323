import { converse } from '@trivium/contracts/router';
import { startNats } from '@trivium/local-servers';
import { connectMessaging } from '@trivium/messaging';
import { describe, expect, it } from 'vitest';
import { allOf, failure, type Part, picture, type Request, saying, setTheScene, text } from './dialogue.js';
import { Script, startReaders, startRouter, startTextInference, textOf, turn } from './house.js';

describe('when services are down', () => {
  it('chats without the session, reads documents without a model, and says what is missing', async () => {
    await using stack = new AsyncDisposableStack();
    const own = await startNats();
    stack.defer(() => own.stop());
    stack.use(await startRouter(own.url));
    const caller = stack.use(await connectMessaging({ name: 'test-client', servers: own.url }));
    const script = new Script();
    setTheScene(script);
    const alone = (request: Request): Promise<Part[]> => allOf(caller.stream(converse, request, {}));

    const chat = await failure(alone(turn('hi')));
    const read = await failure(alone(turn([picture(), text('总额')])));
    const stored = await failure(alone(turn('hi', { state: { responseId: 'r', conversationId: 'c' } })));
    const explicit = await failure(alone(turn('hi', { model: 'qwen' })));
    stack.use(await startReaders(own.url, script));
    const withoutModel = textOf(await alone(turn([picture(), text('总额')])));
    stack.use(await startTextInference(own.url, script));
    script.generate = saying('hello');
    const withoutSession = textOf(await alone(turn('hi')));

    for (const error of [chat, read, stored, explicit]) {
      expect(error).toMatchObject({ code: 'unavailable', retryable: true });
      expect(error.retryAfterMs).toBeGreaterThan(0);
    }
    expect(withoutModel).toMatch(/¥1130\.00[^]*语言模型暂时无法回答/);
    expect(withoutSession).toBe('hello');
  });
});
