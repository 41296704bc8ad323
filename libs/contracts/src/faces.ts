import { z } from 'zod';
import { Binary, Quadrilateral } from './content.js';
import { call } from './define.js';
import { Execution } from './model.js';

const Point = z.tuple([z.number(), z.number()]);

/** A face in a picture, in pixels of the picture after its EXIF orientation is applied. */
export const Face = z.object({
  quadrilateral: Quadrilateral,
  /** Of the detector, that this is a face. */
  confidence: z.number().min(0).max(1),
  /** Left eye, right eye, tip of the nose, left and right corner of the mouth, as seen in the picture. */
  landmarks: z.tuple([Point, Point, Point, Point, Point]),
});
export type Face = z.output<typeof Face>;

const FacePicture = z.object({
  /** PNG, JPEG or WebP, compressed as it came. */
  image: Binary,
  /** Where the client wrote the picture, for errors. */
  path: z.string().optional(),
});

const FACE_ERRORS = [
  'invalid_request',
  'unsupported_media',
  'payload_too_large',
  'model_not_available',
  'model_loading',
  'overloaded',
  'unavailable',
  'deadline_exceeded',
] as const;

export const FindFacesReply = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  /** Largest first. */
  faces: z.array(Face),
  execution: Execution,
});
export type FindFacesReply = z.output<typeof FindFacesReply>;

export const findFaces = call({
  subject: 'vision-inference.find-faces.v1',
  request: FacePicture,
  reply: FindFacesReply,
  errors: FACE_ERRORS,
});

/** A decision of sameness and what it rests on. Embeddings never leave the service. */
export const FaceComparison = z.object({
  /**
   * Between the embeddings; smaller is more alike. Euclidean with the bundled model, 1 - cosine with one of
   * the ArcFace interface.
   */
  distance: z.number().nonnegative(),
  /** Distances up to this one are called the same person. */
  threshold: z.number().nonnegative(),
  same: z.boolean(),
  /**
   * Most of the pairs of different people that the threshold calls the same, as a share; null where that is not
   * known for this threshold.
   */
  falseAcceptRate: z.number().min(0).max(1).nullable(),
  /** What the rate rests on, in words. */
  calibration: z.string(),
  /** Id and digest of the model that made the embeddings. */
  model: z.object({ id: z.string(), sha256: z.string() }),
});
export type FaceComparison = z.output<typeof FaceComparison>;

/** The largest face of each picture is compared; without one in either, `comparison` is null. */
export const compareFaces = call({
  subject: 'vision-inference.compare-faces.v1',
  request: z.object({
    first: FacePicture,
    second: FacePicture,
    /** Absent: the one that the service is configured for. */
    threshold: z.number().positive().max(2).optional(),
  }),
  reply: z.object({
    first: Face.nullable(),
    second: Face.nullable(),
    comparison: FaceComparison.nullable(),
    execution: z.array(Execution),
  }),
  errors: FACE_ERRORS,
});
