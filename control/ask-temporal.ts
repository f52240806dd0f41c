import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { TemporalUnavailable } from './temporal-unavailable.js';

/** Milliseconds for a call to Temporal with its retries. */
const DEADLINE_MS = 5_000;

/**
 * Runs `work`, whose calls of the client must end within `deadlineMs`, five seconds unless given.
 * @throws TemporalUnavailable when Temporal does not answer; ServiceError when it refuses; other errors of `work`.
 */
export async function callTemporal<T>(client: Client, work: () => Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + deadlineMs, work);
  } catch (error) {
    throw isTransient(error) ? new TemporalUnavailable() : error;
  }
}

/**
 * gRPC: canceled, deadline exceeded, resource exhausted, failed precondition (a query while no worker listens), unavailable.
 * A request that fails with another code never succeeds.
 */
const TRANSIENT_GRPC_CODES = [1, 4, 8, 9, 14];

function isTransient(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && TRANSIENT_GRPC_CODES.includes(cause.code);
}
