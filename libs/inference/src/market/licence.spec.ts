import { expect, it } from 'vitest';
import { checkLicence } from './licence.js';

const weights = (commercial_use?: boolean) => ({
  id: 'face',
  licence: 'insightface-non-commercial',
  commercial_use,
});

it('lets weights through that may be used commercially', () => {
  expect(() => checkLicence(weights(true), false)).not.toThrow();
});

it.each([
  [false, 'does not allow commercial use'],
  [undefined, 'is not known'],
])('refuses weights whose commercial use is %s, and names the licence', (commercialUse, reason) => {
  expect(() => checkLicence(weights(commercialUse), false)).toThrow(
    expect.objectContaining({
      code: 'permission_denied',
      param: 'allow_non_commercial',
      message: expect.stringMatching(new RegExp(`insightface-non-commercial.*${reason}`)) as string,
    }) as Error,
  );
});

it('lets them through for who says that he knows', () => {
  expect(() => checkLicence(weights(false), true)).not.toThrow();
});
