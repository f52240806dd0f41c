import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPublicAddress } from '../../../domain/security/address-policy.js';
import { createUrlGate } from '../../../domain/security/url-gate.js';
import { mayBeAccepted } from './reference-host.js';
import { SEED, TIMES } from './seed.js';
import { group, name, octets, urls } from './urls.js';

const run = { seed: SEED, numRuns: TIMES };

describe.each([{ ipv6: false }, { ipv6: true }])(`the URL gate, seed ${String(SEED)}, $ipv6`, (options) => {
  const gate = createUrlGate(options);

  test('SSRF-01 never throws, and accepts nothing that a second opinion refuses', () => {
    let accepted = 0;
    fc.assert(
      fc.property(urls, (url) => {
        const verdict = gate(url);
        if (!verdict.ok) return;
        accepted += 1;
        expect([url, verdict.url, mayBeAccepted(verdict.url, options)]).toEqual([url, verdict.url, true]);
        // Each attempt checks the stored URL again, and that must not change it.
        expect(gate(verdict.url)).toEqual(verdict);
      }),
      run,
    );
    // Otherwise it would prove nothing.
    expect(accepted).toBeGreaterThan(TIMES / 100);
  });

  test('SSRF-01 accepts what the second opinion has nothing against, if it is spelled as stored', () => {
    const plain = fc
      .oneof(
        octets.map((bytes) => bytes.join('.')),
        name,
      )
      .map((each) => `https://${each}/`);
    fc.assert(
      fc.property(plain, (url) => {
        if (mayBeAccepted(url, options) && !/[^a-z0-9._-]|xn--/.test(url.slice(8, -1)))
          expect([url, gate(url).ok]).toEqual([url, true]);
      }),
      run,
    );
  });
});

test(`SSRF-02 addresses are public for two different reasons or for none, seed ${String(SEED)}`, () => {
  const opinion = (address: string) => mayBeAccepted(`https://${address}/`, { ipv6: true });
  fc.assert(
    fc.property(
      octets.map((bytes) => bytes.join('.')),
      (each) => isPublicAddress(each) === opinion(each),
    ),
    { ...run, numRuns: TIMES * 4 },
  );
  const groups = fc.array(group, { minLength: 8, maxLength: 8 }).map((all) => all.map((n) => n.toString(16)).join(':'));
  fc.assert(
    fc.property(groups, (each) => isPublicAddress(each) === opinion(`[${each}]`)),
    { ...run, numRuns: TIMES * 4 },
  );
});
