import { defineGroup } from '../group.js';
import { pattern } from '../text-forms.js';
import { notInProduction, optional, required } from '../variable.js';

const keyArn = pattern(
  /^arn:[\w-]+:kms:[\w-]*:\d{12}:key\/[\w-]+$/,
  'the ARN of a key (not of an alias), which every response of KMS is compared with',
);

const sameKey = { name: 'KMS_PREVIOUS_KEY_ID', wrong: 'is KMS_KEY_ID', expected: 'the key that KMS_KEY_ID replaces' };

export const kmsGroup = defineGroup({
  variables: {
    KMS_KEY_ID: required(keyArn),
    // For the replacement of a master key: opens envelopes, never seals new ones.
    KMS_PREVIOUS_KEY_ID: optional(keyArn),
    AWS_REGION: required(pattern(/^[a-z0-9-]{3,32}$/, 'a region such as eu-central-1')),
    KMS_ENDPOINT: notInProduction(
      optional(pattern(/^https?:\/\/[^\s@?#]+$/, 'an http(s) URL')),
      'replaces the key service',
    ),
  },
  rules: (v) => (v.KMS_PREVIOUS_KEY_ID !== undefined && v.KMS_PREVIOUS_KEY_ID === v.KMS_KEY_ID ? [sameKey] : []),
  build: (v) => ({
    keyArn: v.KMS_KEY_ID,
    previousKeyArn: v.KMS_PREVIOUS_KEY_ID,
    region: v.AWS_REGION,
    endpoint: v.KMS_ENDPOINT,
  }),
});
