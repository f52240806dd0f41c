import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createKms } from '../../../keys/kms.js';

const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const accountId = '11111111-1111-4111-8111-111111111111';
const context = { svc: 'webhook-dispatcher', purpose: 'secret_enc', accountId };
const wrappedKey = Buffer.from('wrapped');
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const newKms = (endpoint?: string, timeoutMs?: number) =>
  createKms({
    keyArn,
    region: 'eu-central-1',
    credentials,
    endpoint,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
const serviceError = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error('text with arn:aws:kms inside'), { name, $metadata: { httpStatusCode } });

describe('KMS calls', () => {
  const aws = mockClient(KMSClient);
  beforeEach(() => void aws.reset());
  afterAll(() => aws.restore());

  test('ENC-06 both name the key and the exact encryption context', async () => {
    const answer = async () => ({ Plaintext: randomBytes(32), CiphertextBlob: Buffer.from('blob'), KeyId: keyArn });
    aws.on(GenerateDataKeyCommand).callsFake(answer).on(DecryptCommand).callsFake(answer);
    const kms = newKms();
    await kms.generateDataKey(accountId);
    await kms.unwrapDataKey({ accountId, wrappedKey });
    expect(aws.calls().map(({ args }) => args[0].input)).toEqual([
      { KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext: context },
      { KeyId: keyArn, CiphertextBlob: wrappedKey, EncryptionContext: context },
    ]);
  });

  test('the plaintext of the answer is wiped once it is a key object', async () => {
    const Plaintext = Buffer.alloc(32, 7);
    aws.on(DecryptCommand).resolves({ Plaintext: Plaintext, KeyId: keyArn });
    const key = await newKms().unwrapDataKey({ accountId, wrappedKey });
    expect(Plaintext).toEqual(Buffer.alloc(32));
    expect(key.export()).toEqual(Buffer.alloc(32, 7));
    expect(inspect(key)).not.toMatch(/07|\b7\b/);
  });

  test('ENC-05 a data key of 16 bytes is refused, and wiped too', async () => {
    const Plaintext = Buffer.alloc(16, 7) as Uint8Array<ArrayBuffer>;
    const CiphertextBlob = Buffer.from('blob') as Uint8Array<ArrayBuffer>;
    aws.on(DecryptCommand).resolves({ Plaintext, KeyId: keyArn });
    aws.on(GenerateDataKeyCommand).resolves({ Plaintext, CiphertextBlob, KeyId: keyArn });
    const kms = newKms();
    await expect(kms.unwrapDataKey({ accountId, wrappedKey })).rejects.toMatchObject({ code: 'wrong_key' });
    await expect(kms.generateDataKey(accountId)).rejects.toMatchObject({ code: 'bad_answer' });
    expect(Buffer.from(Plaintext)).toEqual(Buffer.alloc(16));
  });

  test('ENC-06 an answer under another key is refused', async () => {
    const Plaintext = () => randomBytes(32) as Uint8Array<ArrayBuffer>;
    aws.on(DecryptCommand).resolves({ Plaintext: Plaintext(), KeyId: `${keyArn}0` });
    await expect(newKms().unwrapDataKey({ accountId, wrappedKey })).rejects.toMatchObject({ code: 'wrong_key' });
    aws.on(DecryptCommand).resolves({ Plaintext: Plaintext() });
    await expect(newKms().unwrapDataKey({ accountId, wrappedKey })).rejects.toMatchObject({ code: 'wrong_key' });
  });

  test.each([
    ['ThrottlingException', 400, 'KmsUnavailable', 'throttled'],
    ['KMSInternalException', 500, 'KmsUnavailable', 'server_error'],
    ['DependencyTimeoutException', 503, 'KmsUnavailable', 'server_error'],
    ['SomethingNew', 502, 'KmsUnavailable', 'server_error'],
    ['TimeoutError', 0, 'KmsUnavailable', 'timeout'],
    ['AbortError', 0, 'KmsUnavailable', 'timeout'],
    ['ECONNREFUSED', 0, 'KmsUnavailable', 'network'],
    ['CredentialsProviderError', 0, 'KmsUnavailable', 'network'],
    ['AccessDeniedException', 400, 'KmsUnavailable', 'access_denied'],
    ['InvalidClientTokenId', 403, 'KmsUnavailable', 'access_denied'],
    ['NotAuthorized', 400, 'KmsUnavailable', 'access_denied'],
    ['MissingAuthenticationToken', 403, 'KmsUnavailable', 'access_denied'],
    ['ExpiredTokenException', 400, 'KmsUnavailable', 'access_denied'],
    ['InvalidGrantTokenException', 400, 'KmsUnavailable', 'access_denied'],
    ['ServiceUnavailable', 503, 'KmsUnavailable', 'server_error'],
    ['KeyUnavailableException', 500, 'KmsUnavailable', 'server_error'],
    ['toString', 400, 'KmsUnavailable', 'network'],
    ['DisabledException', 409, 'KmsUnavailable', 'key_disabled'],
    ['KMSInvalidStateException', 409, 'KmsUnavailable', 'key_disabled'],
    ['NotFoundException', 404, 'KmsUnavailable', 'key_not_found'],
    ['InvalidCiphertextException', 400, 'SecretUndecryptable', 'ciphertext'],
    ['IncorrectKeyException', 400, 'SecretUndecryptable', 'wrong_key'],
  ])('ENC-08 %s (%d) is %s %s, without the text of AWS', async (name, status, kind, code) => {
    aws.on(DecryptCommand).rejects(serviceError(name, status));
    const failure: unknown = await newKms()
      .unwrapDataKey({ accountId, wrappedKey })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: kind, code });
    expect(inspect(failure)).not.toContain('arn:aws');
  });

  test.each(['alias/webhooks', 'arn:aws:kms:eu-central-1:111122223333:alias/webhooks', '1234abcd', ''])(
    'refuses %j as the key at start, because its answers could not be compared',
    (name) => expect(() => createKms({ keyArn: name, region: 'eu-central-1' })).toThrow(TypeError),
  );
});

describe('a KMS endpoint in trouble', () => {
  const listen = async (server: Server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const failureAt = (endpoint: string, timeoutMs?: number) =>
    newKms(endpoint, timeoutMs)
      .unwrapDataKey({ accountId, wrappedKey })
      .catch((error: unknown) => error);

  test('ENC-08 one that never answers is tried three times and costs at most the two seconds allowed', async () => {
    let calls = 0;
    const server = createServer(() => void (calls += 1));
    const startedAt = Date.now();
    const failure = await failureAt(await listen(server));
    server.closeAllConnections();
    server.close();
    expect(failure).toMatchObject({ name: 'KmsUnavailable', code: 'timeout' });
    expect(Date.now() - startedAt).toBeLessThan(2300);
    expect(calls).toBe(3);
  });

  test('ENC-08 the allowance ends a call, in any state of its tries', async () => {
    const server = createServer(() => {});
    const startedAt = Date.now();
    const failure = await failureAt(await listen(server), 200);
    server.closeAllConnections();
    server.close();
    expect(failure).toMatchObject({ name: 'KmsUnavailable', code: 'timeout' });
    expect(Date.now() - startedAt).toBeLessThan(450);
  });

  test('ENC-08 one that throttles is tried three times', async () => {
    let calls = 0;
    const server = createServer((_request, response) => {
      calls += 1;
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': 'ThrottlingException' };
      response.writeHead(400, headers).end('{"__type":"ThrottlingException"}');
    });
    const failure = await failureAt(await listen(server), 10_000);
    server.close();
    expect(failure).toMatchObject({ name: 'KmsUnavailable', code: 'throttled' });
    expect(calls).toBe(3);
  });

  test('ENC-08 one that is not there is a network failure', async () => {
    const server = createServer();
    const endpoint = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await failureAt(endpoint)).toMatchObject({ name: 'KmsUnavailable', code: 'network' });
  });
});
