import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GGUF_FILE } from './decoder-folder.js';
import type { Opening, TextEngine } from './protocol.js';

interface LlamaSequence {
  evaluate(tokens: readonly number[], options: object): AsyncIterable<number>;
  clearHistory(): Promise<void>;
}

interface LlamaContext {
  getSequence(): LlamaSequence;
}

interface LlamaModel {
  createContext(options: object): Promise<LlamaContext>;
}

interface Llama {
  loadModel(options: object): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

/** As much of the package as is used here; it is not installed where this is compiled. */
interface NodeLlamaCpp {
  getLlama(options: object): Promise<Llama>;
}

const ENTRY = join('node_modules', 'node-llama-cpp', 'dist', 'index.js');
/** Tokens of prompt and answer of one sequence. */
const CONTEXT = 768;

/** llama.cpp's own batching of sequences, from the binary that the package brings; nothing is compiled. */
export async function openLlama({ folder, peers, threads, concurrent }: Opening): Promise<TextEngine> {
  if (peers === undefined) throw new Error('The folder of the peers is missing');
  const { getLlama } = (await import(pathToFileURL(join(peers, ENTRY)).href)) as NodeLlamaCpp;
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false });
  const model = await llama.loadModel({ modelPath: join(folder, GGUF_FILE) });
  const context = await model.createContext({ sequences: concurrent, contextSize: CONTEXT, threads });
  const free = Array.from({ length: concurrent }, () => context.getSequence());
  return {
    kind: 'sequences',
    async write(prompts, newTokens, onToken) {
      const one = async (prompt: readonly number[], index: number): Promise<void> => {
        const sequence = free.pop();
        if (sequence === undefined) throw new RangeError(`There are ${concurrent} sequences only`);
        await sequence.clearHistory();
        let written = 0;
        for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
          onToken(index);
          written += 1;
          if (written === newTokens) break;
        }
        free.push(sequence);
      };
      await Promise.all(prompts.map(one));
    },
    [Symbol.asyncDispose]: () => llama.dispose(),
  };
}
