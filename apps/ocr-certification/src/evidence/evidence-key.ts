import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyIdOf, rawPublicKey } from '@trivium/evidence';

/** Token of the key for injection. */
export const EVIDENCE_KEY = Symbol('evidence-key');

/** Names in the folder of the server's data and keys. */
export const PRIVATE_KEY_FILE = 'evidence-key.pem';
export const PUBLIC_KEY_FILE = 'evidence-key.pub.pem';

export interface EvidenceKey {
  readonly privateKey: KeyObject;
  readonly keyId: string;
  /** 32 bytes in base64url. */
  readonly publicKey: string;
  /** SubjectPublicKeyInfo. */
  readonly pem: string;
}

/**
 * The key that signs evidence, made at the first start; readable by its owner alone. Replicas that start
 * together on one folder end up with one key. The public half lies beside it.
 */
export async function openEvidenceKey(home: string): Promise<EvidenceKey> {
  const file = join(home, PRIVATE_KEY_FILE);
  const known = await readFile(file, 'utf8').catch(unlessAbsent);
  const privateKey = createPrivateKey(known ?? (await makeKey(home, file)));
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${file} holds no Ed25519 key`);
  const publicKey = createPublicKey(privateKey);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await publish(home, pem);
  const raw = rawPublicKey(publicKey);
  return { privateKey, keyId: keyIdOf(raw), publicKey: raw, pem };
}

async function makeKey(home: string, file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await mkdir(home, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, pem, { mode: 0o600, flag: 'wx' });
  try {
    // @NOTE a link fails where a file is: whoever comes second takes the first one's key
    await link(draft, file);
    return pem;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return await readFile(file, 'utf8');
  } finally {
    await rm(draft, { force: true });
  }
}

async function publish(home: string, pem: string): Promise<void> {
  const file = join(home, PUBLIC_KEY_FILE);
  if ((await readFile(file, 'utf8').catch(unlessAbsent)) === pem) return;
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, pem, { mode: 0o644 });
  await rename(draft, file);
}

function unlessAbsent(error: unknown): undefined {
  if (hasCode(error, 'ENOENT')) return undefined;
  throw error;
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
