import { decodeImage } from '@trivium/media';
import type { LoadProgram, ModelFile, Session } from '@trivium/onnx';
import { cropLine, LINE_HEIGHT } from './crop.js';
import { parseDictionary } from './ctc.js';
import { detectText } from './detection.js';
import { loadOpenCv, type OpenCv } from './opencv.js';
import { isUpsideDown, turned } from './orientation.js';
import { recogniseLine } from './recognition.js';
import type { DetectedPage, DetectTask, OcrResult, OcrTask, Raster, RecognisedLine } from './task.js';

export interface OcrProgramOptions {
  readonly detection: ModelFile;
  readonly recognition: ModelFile;
  readonly orientation: ModelFile;
  readonly dictionary: ModelFile;
  /** Pixels of the longer side that the detector sees. */
  readonly detectionSide: number;
}

interface Tools {
  readonly cv: OpenCv;
  readonly detection: Session;
  readonly recognition: Session;
  readonly orientation: Session;
  readonly dictionary: readonly string[];
  readonly detectionSide: number;
}

/** A line read this surely is not asked whether it stands on its head: that answer would cost, and be no. */
const SURE = 0.85;

const load: LoadProgram<OcrProgramOptions, OcrTask, OcrResult> = async ({
  options,
  openSession,
  readFile,
}) => {
  const [{ cv }, detection, recognition, orientation, dictionary] = await Promise.all([
    loadOpenCv(),
    openSession(options.detection),
    openSession(options.recognition),
    openSession(options.orientation),
    readFile(options.dictionary).then(parseDictionary),
  ]);
  const tools = { cv, detection, recognition, orientation, dictionary, detectionSide: options.detectionSide };
  return {
    operationOf: ({ kind }) => kind,
    warmUp: () => warmUp(tools),
    run: async (tasks) => {
      const results: OcrResult[] = [];
      for (const task of tasks) {
        results.push(task.kind === 'detect' ? await detect(tools, task) : await recognise(tools, task.crop));
      }
      return results;
    },
  };
};

export default load;

async function detect({ cv, detection, detectionSide }: Tools, task: DetectTask): Promise<DetectedPage> {
  const page = await decodeImage(task.image, { path: task.path });
  const boxes = await detectText(cv, detection, page, detectionSide);
  return {
    kind: 'detect',
    width: page.width,
    height: page.height,
    crops: boxes.map((box) => cropLine(page, box)),
  };
}

async function recognise(
  { recognition, orientation, dictionary }: Tools,
  crop: Raster,
): Promise<RecognisedLine> {
  const upright = await recogniseLine(recognition, crop, dictionary);
  if (upright.confidence < SURE && (await isUpsideDown(orientation, crop))) {
    const upsideDown = await recogniseLine(recognition, turned(crop), dictionary);
    if (upsideDown.confidence > upright.confidence) return { kind: 'recognise', ...upsideDown, turned: true };
  }
  return { kind: 'recognise', ...upright, turned: false };
}

/** Blank paper through every model, at the sizes that the first page is likely to have. */
async function warmUp(tools: Tools): Promise<void> {
  const blank = (width: number, height: number): Raster => ({
    width,
    height,
    data: new Uint8Array(width * height * 3).fill(255),
  });
  await detectText(
    tools.cv,
    tools.detection,
    blank(tools.detectionSide, tools.detectionSide),
    tools.detectionSide,
  );
  await isUpsideDown(tools.orientation, blank(320, LINE_HEIGHT));
  await recogniseLine(tools.recognition, blank(640, LINE_HEIGHT), tools.dictionary);
}
