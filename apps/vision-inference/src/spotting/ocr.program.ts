import type { Quadrilateral } from '@trivium/contracts/content';
import type { LoadProgram, ModelFile } from '@trivium/onnx';
import { parseDictionary, type Reading } from './ctc.js';
import { Detector } from './detection.js';
import { placeLine, turnAround } from './line.js';
import { loadOpenCv } from './opencv.js';
import { OrientationClassifier } from './orientation.js';
import { PageCache } from './page-cache.js';
import { Pyramid } from './pyramid.js';
import { blankRaster, type Raster } from './raster.js';
import { CLASS_AXIS, type LineOnPage, Recogniser } from './recognition.js';
import type {
  Corners,
  DetectedPage,
  DetectTask,
  OcrResult,
  OcrTask,
  Point,
  RecognisedLine,
  RecogniseTask,
} from './task.js';

export interface OcrProgramOptions {
  readonly detection: ModelFile;
  readonly recognition: ModelFile;
  readonly orientation: ModelFile;
  readonly dictionary: ModelFile;
  /** Pixels of the longer side that the detector sees. */
  readonly detectionSide: number;
  /** Decoded pages that one worker may keep. */
  readonly maxPageBytes: number;
}

/** A line read this surely is not asked whether it stands on its head: that answer would cost, and be no. */
const SURE = 0.85;

/** Finds, straightens and reads lines of text. */
const load: LoadProgram<OcrProgramOptions, OcrTask, OcrResult> = async (context) => {
  const { options, openSession, readFile } = context;
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
  const pages = new PageCache((page) => context.attachment(page), options.maxPageBytes);

  async function detect({ page, path }: DetectTask): Promise<DetectedPage> {
    const pyramid = await pages.get(page, path);
    const boxes = await detector.find(pyramid);
    const { width, height } = pyramid.page;
    return { kind: 'detect', width, height, lines: boxes.map(placeLine) };
  }

  async function recognise(tasks: readonly RecogniseTask[]): Promise<RecognisedLine[]> {
    const lines: LineOnPage[] = [];
    for (const { page, corners, columns } of tasks)
      lines.push({ page: await pages.get(page), corners, columns });
    const readings = await recogniser.read(lines);
    const recognised: RecognisedLine[] = [];
    for (const [index, line] of lines.entries()) recognised.push(await asItStands(line, readings[index]));
    return recognised;
  }

  async function asItStands(line: LineOnPage, reading: Reading = UNREAD): Promise<RecognisedLine> {
    const around = { ...line, corners: turnAround(line.corners) };
    if (reading.confidence < SURE && (await classifier.isUpsideDown(line))) {
      const [other = UNREAD] = await recogniser.read([around]);
      if (other.confidence > reading.confidence) return recognised(around, other);
    }
    return recognised(line, reading);
  }

  return {
    operationOf: ({ kind }) => kind,
    /** Blank paper through every model, at the sizes that a first page is likely to have. */
    warmUp: async () => {
      const side = options.detectionSide;
      const page = new Pyramid(blankRaster(side, side));
      await detector.find(page);
      const lines = [640, 64].map((columns) => ({ page, ...WARM_UP_PLACE, columns }));
      await recogniser.read(lines);
      for (const line of lines) await classifier.isUpsideDown(line);
    },
    run: async (tasks) => {
      const lines = tasks.filter((task) => task.kind === 'recognise');
      if (lines.length === tasks.length) return recognise(lines);
      const found: DetectedPage[] = [];
      for (const task of tasks) {
        if (task.kind !== 'detect') throw new TypeError('A batch holds pages or lines, not both');
        found.push(await detect(task));
      }
      return found;
    },
    release: (page) => pages.release(page),
  };
};

export default load;

const UNREAD: Reading = { text: '', confidence: 0 };
const WARM_UP_PLACE = placeLine([
  [0, 0],
  [200, 0],
  [200, 20],
  [0, 20],
]);

function recognised({ page, corners }: LineOnPage, reading: Reading): RecognisedLine {
  return { kind: 'recognise', ...reading, quadrilateral: onPage(corners, page.page) };
}

/** Rounded to a tenth of a pixel, and not over the edge of the page. */
function onPage([a, b, c, d]: Corners, { width, height }: Raster): Quadrilateral {
  const within = (value: number, max: number): number =>
    Math.round(Math.min(Math.max(value, 0), max) * 10) / 10;
  const place = ([x, y]: Point): [number, number] => [within(x, width), within(y, height)];
  return [place(a), place(b), place(c), place(d)];
}
