import type { SpeechSegment } from '@trivium/contracts/speech-inference';
import { serveJobs } from '@trivium/media/isolation';
import { findSpeech } from './find-speech.js';

serveJobs<Float32Array, SpeechSegment[]>(async (samples) => ({ value: findSpeech(samples), transfer: [] }));
