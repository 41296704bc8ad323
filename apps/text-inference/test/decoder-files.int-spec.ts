import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { decoderFiles, TINY_DECODER } from '@trivium/onnx/synthesis';

const MESSAGES = [{ role: 'user', content: 'hello 你好 👍🏽 the cat\tß' }];

describe('the files of a synthetic decoder', () => {
  it.each([259, 512, 2_048])(
    'hold a template and a tokenizer that reads and writes it, of %d tokens',
    (vocabulary) => {
      const files = decoderFiles({ ...TINY_DECODER, vocabulary }, 1, 'gqa');
      const json = (path: string): Record<string, unknown> =>
        JSON.parse(Buffer.from(files.get(path) ?? []).toString()) as Record<string, unknown>;
      const settings = json('tokenizer_config.json');
      const tokenizer = new Tokenizer(json('tokenizer.json'), settings);
      const text = new Template(String(settings['chat_template'])).render({
        messages: MESSAGES,
        add_generation_prompt: true,
      });
      const ids: readonly number[] = tokenizer.encode(text).ids;

      expect(text).toBe(`<|im_start|>user\n${MESSAGES[0]?.content ?? ''}<|im_end|>\n<|im_start|>assistant\n`);
      expect(tokenizer.decode(ids, { skip_special_tokens: false })).toBe(text);
      expect(ids.filter((id) => id === json('config.json')['eos_token_id'])).toHaveLength(1);
      expect(Math.max(...ids)).toBeLessThan(vocabulary);
    },
  );
});
