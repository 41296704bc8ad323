// Runs face-api's networks as face-api itself does, on its own CPU backend, for whoever forked this process:
// a message { net, side, pixels } (RGB bytes row by row) is answered by one value per output of the network.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { TextDecoder, TextEncoder } from 'node:util';

const root = dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'));
// @NOTE its bundle for browsers is the one that needs no TensorFlow beside it; in Node.js it reaches for modules that the bundle left out
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: undefined } });
globalThis.self = globalThis;
const api = await import(pathToFileURL(join(root, 'dist/face-api.esm.js')).href);
const { tf } = api;
tf.env().setPlatform('plain', {
  now: () => performance.now(),
  isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
  setTimeoutCustom: (run, delayMs) => setTimeout(run, delayMs),
  fetch: () => Promise.reject(new Error('Nothing is fetched here')),
});
class None {}
api.env.setEnv({ Canvas: None, Image: None, Video: None, ImageData: None, CanvasRenderingContext2D: None });
await tf.setBackend('cpu');

const { ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet } = api.nets;
const NETS = {
  detector: {
    net: ssdMobilenetv1,
    file: 'ssd_mobilenetv1_model',
    run: (input) => {
      const { boxes, scores } = ssdMobilenetv1.forwardInput(input);
      return { boxes: boxes[0].dataSync(), scores: scores[0].dataSync() };
    },
  },
  landmarks: {
    net: faceLandmark68Net,
    file: 'face_landmark_68_model',
    run: (input) => ({ points: faceLandmark68Net.forwardInput(input).dataSync() }),
  },
  descriptor: {
    net: faceRecognitionNet,
    file: 'face_recognition_model',
    run: (input) => ({ descriptor: faceRecognitionNet.forwardInput(input).dataSync() }),
  },
};

async function load({ net, file }) {
  if (net.isLoaded) return;
  const groups = JSON.parse(await readFile(join(root, 'model', `${file}-weights_manifest.json`), 'utf8'));
  const bytes = new Uint8Array(await readFile(join(root, 'model', `${file}.bin`)));
  const weights = groups.flatMap((group) => group.weights);
  net.loadFromWeightMap(tf.io.decodeWeights(bytes.slice().buffer, weights));
}

process.on('message', async ({ net, side, pixels }) => {
  const chosen = NETS[net];
  await load(chosen);
  const picture = tf.tensor3d(Float32Array.from(pixels), [side, side, 3]);
  process.send({ outputs: chosen.run(new api.NetInput([picture])) });
});
