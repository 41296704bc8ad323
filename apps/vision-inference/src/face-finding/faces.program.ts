import { decodeImage } from '@trivium/media';
import type { LoadProgram, ModelFile, Session } from '@trivium/onnx';
import { DESCRIPTOR_LENGTH, DESCRIPTOR_SIDE } from '../face-nets/descriptor-net.js';
import { LANDMARK_SIDE } from '../face-nets/landmark-net.js';
import { Scratch } from '../spotting/planes.js';
import { Pyramid } from '../spotting/pyramid.js';
import { blankRaster, rasterOf } from '../spotting/raster.js';
import { cutChip, normaliseChip } from './chip.js';
import { faceOf, FaceLocator, LESS_MEAN } from './face-locator.js';
import type { DescribeTask, Description, FaceResult, FaceTask, FindTask, FoundFaces } from './task.js';
import { TEMPLATES } from './template.js';

export interface FacesProgramOptions {
  readonly detector: ModelFile;
  readonly landmarks: ModelFile;
  readonly descriptor: ModelFile;
}

/** Finds faces in pictures, aligns the largest, describes aligned ones. Nothing of them stays behind a run. */
const load: LoadProgram<FacesProgramOptions, FaceTask, FaceResult> = async ({ options, openSession }) => {
  const [detector, landmarks, descriptor] = await Promise.all([
    openSession(options.detector),
    openSession(options.landmarks),
    openSession(options.descriptor),
  ]);
  const locator = new FaceLocator(detector, landmarks);
  const describe = describerOf(descriptor);

  async function find({ image, path, chip }: FindTask): Promise<FoundFaces> {
    const picture = new Pyramid(rasterOf(await decodeImage(image, { path })));
    const located = await locator.find(picture);
    const { width, height } = picture.page;
    const [largest] = located;
    const cut =
      largest === undefined || chip === undefined
        ? undefined
        : cutChip(picture, largest.landmarks, TEMPLATES[chip]);
    return { kind: 'find', width, height, faces: located.map(faceOf), chip: cut };
  }

  return {
    operationOf: ({ kind }) => (kind === 'find' ? 'find-faces' : 'describe-faces'),
    /** A blank picture and a blank face, so that every network has run once. */
    warmUp: async () => {
      const side = DESCRIPTOR_SIDE;
      await locator.find(new Pyramid(blankRaster(side, side)));
      const dims = [1, 3, LANDMARK_SIDE, LANDMARK_SIDE];
      await landmarks.run({ image: { data: new Float32Array(3 * LANDMARK_SIDE ** 2), dims } });
      await describe([{ kind: 'describe', chip: new Uint8Array(3 * side * side) }]);
    },
    run: async (tasks) => {
      const faces = tasks.filter((task) => task.kind === 'describe');
      if (faces.length === tasks.length) return describe(faces);
      const found: FoundFaces[] = [];
      for (const task of tasks) {
        if (task.kind !== 'find') throw new TypeError('A batch holds pictures or aligned faces, not both');
        found.push(await find(task));
      }
      return found;
    },
  };
};

export default load;

/** All faces of a batch in one run. */
function describerOf(session: Session): (tasks: readonly DescribeTask[]) => Promise<Description[]> {
  const scratch = new Scratch();
  const each = 3 * DESCRIPTOR_SIDE * DESCRIPTOR_SIDE;
  return async (tasks) => {
    const data = scratch.take(tasks.length * each);
    for (const [index, { chip }] of tasks.entries()) {
      if (chip.length !== each) throw new RangeError('An aligned face has another size than its template');
      normaliseChip(chip, data, index * each, LESS_MEAN);
    }
    const { descriptor } = await session.run({
      image: { data, dims: [tasks.length, 3, DESCRIPTOR_SIDE, DESCRIPTOR_SIDE] },
    });
    if (descriptor === undefined) throw new TypeError('The network gave no descriptor');
    return tasks.map((_, index) => ({
      kind: 'describe',
      values: descriptor.data.slice(index * DESCRIPTOR_LENGTH, (index + 1) * DESCRIPTOR_LENGTH),
    }));
  };
}
