import { Histogram } from 'prom-client';
import { KmsUnavailable } from '../../keys/key-errors.js';
import type { Kms } from '../../keys/kms.js';

/** Measures every call to the key service. `undecryptable`: the service refused one envelope. `unavailable`: no answer. */
export function measureKms(kms: Kms): Kms {
  const duration = new Histogram({
    name: 'kms_request_duration_seconds',
    help: 'Time of a call to the key service, retries included',
    labelNames: ['operation', 'result'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
  });
  const measure = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    const end = duration.startTimer({ operation });
    try {
      const answer = await call();
      end({ result: 'ok' });
      return answer;
    } catch (error) {
      end({ result: error instanceof KmsUnavailable ? 'unavailable' : 'undecryptable' });
      throw error;
    }
  };
  return {
    ...kms,
    generateDataKey: (accountId) => measure('generate', () => kms.generateDataKey(accountId)),
    unwrapDataKey: (input) => measure('unwrap', () => kms.unwrapDataKey(input)),
  };
}
