import { expect, test } from '@jest/globals';
import { loadKeysConfig } from '../../../config/load-keys-config.js';

const arn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
const env = { DATABASE_URL: 'postgres://hook_keys@db/platform', AWS_REGION: 'eu-central-1', KMS_KEY_ID: arn('new') };

test('the previous master key is another one, given by its ARN', () => {
  expect(loadKeysConfig({ ...env, KMS_PREVIOUS_KEY_ID: arn('old') }).kms.previousKeyArn).toBe(arn('old'));
  expect(loadKeysConfig(env).kms.previousKeyArn).toBeUndefined();
  const same = 'KMS_PREVIOUS_KEY_ID is KMS_KEY_ID';
  expect(() => loadKeysConfig({ ...env, KMS_PREVIOUS_KEY_ID: arn('new') })).toThrow(same);
  expect(() => loadKeysConfig({ ...env, KMS_PREVIOUS_KEY_ID: 'alias/old' })).toThrow('expected the ARN of a key');
});
