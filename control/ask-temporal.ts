import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { TemporalUnavailable } from './temporal-unavailable.js';

/** Milliseconds for a call to Temporal with its retries. */
const DEADLINE_MS = 5_000;

/**
 * Does `work` with the client, within five seconds unless told otherwise.
 * @throws TemporalUnavailable when Temporal does not answer; ServiceError when it refuses; what else `work` throws.
 */
export async function callTemporal<T>(client: Client, work: () => Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + deadlineMs, work);
  } catch (error) {
    throw isAway(error) ? new TemporalUnavailable() : error;
  }
}

/**
 * gRPC: canceled, deadline exceeded, resource exhausted, failed precondition (a query while no worker listens), unavailable.
 * Anything else is a request that never will pass.
 */
const TRANSIENT_GRPC_CODES = [1, 4, 8, 9, 14];

function isAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && TRANSIENT_GRPC_CODES.includes(cause.code);
}
