import { decodeImage } from '@trivium/media';
import type { LoadProgram, ModelFile } from '@trivium/onnx';
import { cropLine, LINE_HEIGHT } from './crop.js';
import { parseDictionary, type Reading } from './ctc.js';
import { Detector } from './detection.js';
import { loadOpenCv } from './opencv.js';
import { OrientationClassifier, turned } from './orientation.js';
import { CLASS_AXIS, Recogniser } from './recognition.js';
import { Pyramid } from './resample.js';
import type { DetectedPage, DetectTask, OcrResult, OcrTask, Raster, RecognisedLine } from './task.js';

export interface OcrProgramOptions {
  readonly detection: ModelFile;
  readonly recognition: ModelFile;
  readonly orientation: ModelFile;
  readonly dictionary: ModelFile;
  /** Pixels of the longer side that the detector sees. */
  readonly detectionSide: number;
}

/** A line read this surely is not asked whether it stands on its head: that answer would cost, and be no. */
const SURE = 0.85;

/** Finds, straightens and reads lines of text. */
const load: LoadProgram<OcrProgramOptions, OcrTask, OcrResult> = async ({
  options,
  openSession,
  readFile,
}) => {
  const [{ cv }, detection, recognition, orientation, dictionary] = await Promise.all([
    loadOpenCv(),
    openSession(options.detection),
    openSession(options.recognition, { bestClassAxis: CLASS_AXIS }),
    openSession(options.orientation),
    readFile(options.dictionary).then(parseDictionary),
  ]);
  const detector = new Detector(cv, detection, options.detectionSide);
  const recogniser = new Recogniser(recognition, dictionary);
  const classifier = new OrientationClassifier(orientation);

  async function detect(task: DetectTask): Promise<DetectedPage> {
    const page = await decodeImage(task.image, { path: task.path });
    const pyramid = new Pyramid(page);
    const boxes = await detector.find(pyramid);
    const { width, height } = page;
    return { kind: 'detect', width, height, crops: boxes.map((box) => cropLine(pyramid, page, box)) };
  }

  async function recognise(crops: readonly Raster[]): Promise<RecognisedLine[]> {
    const readings = await recogniser.read(crops);
    const lines: RecognisedLine[] = [];
    for (const [index, crop] of crops.entries()) lines.push(await upright(crop, readings[index]));
    return lines;
  }

  async function upright(crop: Raster, reading: Reading = UNREAD): Promise<RecognisedLine> {
    if (reading.confidence < SURE && (await classifier.isUpsideDown(crop))) {
      const [other = UNREAD] = await recogniser.read([turned(crop)]);
      if (other.confidence > reading.confidence) return { kind: 'recognise', ...other, turned: true };
    }
    return { kind: 'recognise', ...reading, turned: false };
  }

  return {
    operationOf: ({ kind }) => kind,
    /** Blank paper through every model, at the sizes that a first page is likely to have. */
    warmUp: async () => {
      const side = options.detectionSide;
      await detector.find(new Pyramid(blank(side, side)));
      await classifier.isUpsideDown(blank(320, LINE_HEIGHT));
      await recogniser.read([blank(640, LINE_HEIGHT), blank(64, LINE_HEIGHT)]);
    },
    run: async (tasks) => {
      const crops = tasks.flatMap((task) => (task.kind === 'recognise' ? [task.crop] : []));
      if (crops.length === tasks.length) return recognise(crops);
      const pages = tasks.flatMap((task) => (task.kind === 'detect' ? [task] : []));
      if (pages.length !== tasks.length) throw new TypeError('A batch holds pages or lines, not both');
      const found: DetectedPage[] = [];
      for (const page of pages) found.push(await detect(page));
      return found;
    },
  };
};

export default load;

const UNREAD: Reading = { text: '', confidence: 0 };

function blank(width: number, height: number): Raster {
  return { width, height, data: new Uint8Array(width * height * 3).fill(255) };
}
