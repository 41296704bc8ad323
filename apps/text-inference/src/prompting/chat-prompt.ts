import { Template } from '@huggingface/jinja';
import { DomainError } from '@trivium/contracts';
import type { GenerateRequest } from '@trivium/contracts/generate';
import { z } from 'zod';
import { chatMessages, chatTool, type ChatMessage, type ChatTool } from './chat-messages.js';
import { hermesMessages, hermesTools } from './hermes-tools.js';
import { MarkGuard } from './mark-guard.js';
import type { TextTokenizer } from './text-tokenizer.js';

const SpecialToken = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const TokenizerConfig = z.looseObject({
  bos_token: SpecialToken,
  eos_token: SpecialToken,
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
});

/** Vocabularies add runs of white space and plain words too; those steer nothing and stay whole. */
const TAG = /^[<[]\S+$/;

type PromptRequest = Pick<GenerateRequest, 'messages' | 'tools' | 'toolChoice'>;

/** Turns a conversation into the tokens of a prompt by the model's own chat template (Jinja). */
export class ChatPrompt {
  readonly template: string;
  readonly #compiled: Template;
  readonly #tokens: Readonly<Record<string, string>>;
  readonly #takesSystem: boolean;
  readonly #takesTools: boolean;

  private constructor(template: string, tokens: Readonly<Record<string, string>>) {
    this.template = template;
    this.#compiled = new Template(template);
    this.#tokens = tokens;
    this.#takesTools = /\btools\b/.test(template);
    this.#takesSystem = this.#renders([
      { role: 'system', content: 'a' },
      { role: 'user', content: 'b' },
    ]);
  }

  /**
   * @param tokenizerConfig Parsed tokenizer_config.json.
   * @param chatTemplateFile Content of chat_template.jinja, which goes before the template in the configuration.
   * @throws where neither has a template, or it is no Jinja.
   */
  static load(tokenizerConfig: unknown, chatTemplateFile: string | undefined): ChatPrompt {
    const read = TokenizerConfig.safeParse(tokenizerConfig);
    if (!read.success)
      throw new Error(`tokenizer_config.json cannot be read: ${z.prettifyError(read.error)}`);
    const { chat_template: named, bos_token, eos_token } = read.data;
    const inConfig = Array.isArray(named) ? named.find(({ name }) => name === 'default')?.template : named;
    const template = chatTemplateFile ?? inConfig;
    if (template === undefined || template === null) throw new Error('The model has no chat template');
    const tokens = Object.entries({ bos_token, eos_token }).flatMap(([name, token]) =>
      token === undefined || token === null
        ? []
        : [[name, typeof token === 'string' ? token : token.content] as const],
    );
    return new ChatPrompt(template, Object.fromEntries(tokens));
  }

  /**
   * Token ids of the whole prompt, up to where the assistant begins to speak. What messages and tools
   * say cannot become a special token or, but for the assistant's own words, a mark that the template writes.
   *
   * @param extraSystem Goes after the system message.
   * @throws `unsupported_parameter` for a part that is not text; `invalid_request` where the template refuses the messages.
   */
  tokens(request: PromptRequest, tokenizer: TextTokenizer, extraSystem?: string): number[] {
    const messages = chatMessages(request.messages);
    const tools = request.toolChoice === 'none' ? [] : (request.tools ?? []).map(chatTool);
    const guard = new MarkGuard(JSON.stringify([messages, tools, extraSystem]));
    const special = longestFirst(tokenizer.addedTokens.filter((token) => token.special));
    const steering = longestFirst(
      tokenizer.addedTokens.filter(
        ({ content, special }) => special || (TAG.test(content) && this.template.includes(content)),
      ),
    );
    const guarded = messages.map(({ role, content, ...rest }) => ({
      role,
      // Templates take reasoning out of earlier answers by marks like `</think>`, which therefore stay whole.
      content: guard.guard(content, role === 'assistant' ? special : steering),
      ...guard.guard(rest, steering),
    }));
    const prompt = this.#prompt(
      guarded,
      guard.guard(tools, steering),
      guard.guard(extraSystem ?? '', special),
    );
    return guard.pieces(prompt).flatMap((piece) => tokenizer.encode(piece));
  }

  #prompt(messages: readonly ChatMessage[], tools: readonly ChatTool[], extraSystem: string): string {
    const spoken = messages.filter(({ role }) => role !== 'system');
    const system = [
      ...messages.filter(({ role }) => role === 'system').map(({ content }) => content),
      this.#takesTools || tools.length === 0 ? '' : hermesTools(tools),
      extraSystem,
    ]
      .filter((text) => text !== '')
      .join('\n\n');
    const written = this.#takesTools ? spoken : hermesMessages(spoken);
    return this.#render(this.#withSystem(written, system), tools);
  }

  #withSystem(messages: ChatMessage[], system: string): ChatMessage[] {
    if (system === '') return messages;
    if (this.#takesSystem) return [{ role: 'system', content: system }, ...messages];
    const at = messages.findIndex(({ role }) => role === 'user');
    const user = messages[at];
    if (user === undefined) return [{ role: 'user', content: system }, ...messages];
    return messages.with(at, { ...user, content: `${system}\n\n${user.content}` });
  }

  #render(messages: readonly ChatMessage[], tools: readonly ChatTool[]): string {
    const offered = this.#takesTools && tools.length > 0 ? { tools } : {};
    try {
      return this.#compiled.render({ ...this.#tokens, ...offered, messages, add_generation_prompt: true });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'it cannot be rendered';
      throw new DomainError(
        'invalid_request',
        `The chat template of the model refuses the messages: ${why}`,
        {
          param: 'messages',
          cause,
        },
      );
    }
  }

  #renders(messages: readonly ChatMessage[]): boolean {
    try {
      this.#render(messages, []);
      return true;
    } catch {
      return false;
    }
  }
}

/** Contents, so that a mark within a longer one does not hide it. */
function longestFirst(tokens: readonly { readonly content: string }[]): string[] {
  return tokens.map(({ content }) => content).toSorted((a, b) => b.length - a.length);
}
