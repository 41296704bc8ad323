import { decodeImage } from '@trivium/media';
import { serveJobs } from '@trivium/media/isolation';
import { measurePicture, type PictureFigures } from './measure-picture.js';
import type { QualityJob } from './quality-jobs.js';

serveJobs<QualityJob, PictureFigures>(async ({ bytes, path }) => {
  const picture = await decodeImage(bytes, { path });
  return { value: measurePicture(picture), transfer: [] };
});
