import type { AudioJobValue, DecodeJob } from './audio-jobs.js';
import { type Refuse, refusing } from './audio-header.js';
import { type CompressedFormat, decodeCompressed } from './compressed.js';
import { MonoCollector } from './mono-collector.js';
import { Resampler } from './resampler.js';
import { readWavBlocks, readWavHeader } from './wav.js';

/** An MP3's count of frames includes what the encoder put before and after the sound. */
const MP3_PADDING_FRAMES = 6 * 1152;

/** The work of the thread: decodes piece by piece, so that a lie is found before memory is spent on it. */
export async function decodeToMono(job: DecodeJob): Promise<AudioJobValue> {
  const { header, limits, origin } = job;
  const refuse = refusing(job.container, origin);
  using resampler = await Resampler.open(header.sampleRate, job.resampleTo);
  const collector = new MonoCollector(header.sampleRate, resampler, limits, origin);
  if (header.format === 'wav') {
    const file = Buffer.from(job.bytes.buffer, job.bytes.byteOffset, job.bytes.byteLength);
    for (const block of readWavBlocks(file, readWavHeader(file, refuse))) collector.push(block);
  } else {
    await collectCompressed(job, header.format, collector, refuse);
  }
  if (collector.frames === 0) throw refuse('holds no samples');
  return { samples: collector.finish(), frames: collector.frames };
}

async function collectCompressed(
  { header, bytes }: DecodeJob,
  format: CompressedFormat,
  collector: MonoCollector,
  refuse: Refuse,
): Promise<void> {
  for await (const block of decodeCompressed(format, bytes)) {
    const [error] = block.errors;
    if (error !== undefined) throw refuse(`cannot be decoded: it is damaged (${error.message.trim()})`);
    const frames = block.channelData[0]?.length ?? 0;
    if (frames > 0 && block.sampleRate !== header.sampleRate) {
      throw refuse(`changes its sample rate from ${header.sampleRate} to ${block.sampleRate} Hz`);
    }
    collector.push(block.channelData);
  }
  const padding = format === 'mp3' ? MP3_PADDING_FRAMES : 0;
  if (header.frames !== undefined && collector.frames < header.frames - padding) {
    throw refuse(`promises ${header.frames} samples and holds ${collector.frames}: it is cut off or damaged`);
  }
}
