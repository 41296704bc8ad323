import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TextInferenceConfig } from '../text-inference.config.js';
import { type ModelSettings, modelFromUpstream, parseModelsFile } from './models-file.js';

const DEFAULT_FILE = 'models/text.yaml';

/** Every configured model, the default first: the upstream of the environment, then the file's in order. */
export function loadModels(config: TextInferenceConfig, env: NodeJS.ProcessEnv): ModelSettings[] {
  const models = [...upstreamOf(config), ...fileOf(config, env)];
  const seen = new Set<string>();
  for (const { id } of models) {
    if (seen.has(id)) throw new Error(`The language model id ${id} is configured twice`);
    seen.add(id);
  }
  return models;
}

function upstreamOf(config: TextInferenceConfig): ModelSettings[] {
  const { TEXT_UPSTREAM_URL: url, TEXT_UPSTREAM_MODEL: model } = config;
  if (url === undefined && model === undefined) return [];
  if (url === undefined) throw new Error('TEXT_UPSTREAM_URL is needed beside TEXT_UPSTREAM_MODEL');
  if (model === undefined) throw new Error('TEXT_UPSTREAM_MODEL is needed beside TEXT_UPSTREAM_URL');
  const { TEXT_UPSTREAM_API_KEY: apiKey, TEXT_UPSTREAM_IMAGES: images } = config;
  return [modelFromUpstream({ url, model, apiKey, images })];
}

function fileOf(config: TextInferenceConfig, env: NodeJS.ProcessEnv): ModelSettings[] {
  const named = config.TEXT_MODELS_FILE;
  const path = resolve(named ?? DEFAULT_FILE);
  if (named === undefined && !existsSync(path)) return [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`TEXT_MODELS_FILE: ${path} cannot be read`, { cause });
  }
  return parseModelsFile(text, path, env);
}
