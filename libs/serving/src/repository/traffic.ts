import { DomainError } from '@trivium/contracts';

export interface Share {
  readonly name: string;
  /** Relative to the other shares'. */
  readonly weight: number;
}

/**
 * The share that a key belongs to, by weighted rendezvous hashing (Schindelhauer and Schomaker, 2005):
 * each share scores -weight / ln(hash), the highest takes the key. Keys are spread by weight, a key
 * stays where it is while the shares do, and raising one weight moves keys to that share only.
 */
export function shareOf(shares: readonly Share[], key: string): string | undefined {
  let best: string | undefined;
  let bestScore = 0;
  for (const { name, weight } of shares) {
    if (weight <= 0) continue;
    const score = -weight / Math.log(unitHash(`${name}\0${key}`));
    if (best === undefined || score > bestScore) [best, bestScore] = [name, score];
  }
  return best;
}

/** Throws `invalid_request` unless the versions exist, each is named once, and the sum is at most 100. */
export function checkTraffic(
  traffic: readonly { readonly version: string; readonly percent: number }[],
  versions: readonly string[],
): void {
  traffic.forEach(({ version }, index) => {
    if (!versions.includes(version)) {
      throw new DomainError('invalid_request', `There is no version ${version}`, {
        param: `traffic[${index}].version`,
      });
    }
    if (traffic.findIndex((one) => one.version === version) < index) {
      throw new DomainError('invalid_request', `Version ${version} has two weights`, {
        param: `traffic[${index}].version`,
      });
    }
  });
  const sum = traffic.reduce((total, { percent }) => total + percent, 0);
  if (sum > 100 + 1e-9) {
    throw new DomainError('invalid_request', `The weights add up to ${sum} percent`, { param: 'traffic' });
  }
}

/** Above 0 and below 1, even: FNV-1a over UTF-16 units, finished by murmur3's mixer. */
function unitHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
