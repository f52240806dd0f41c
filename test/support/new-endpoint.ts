import { randomUUID } from 'node:crypto';

/** A webhook that no other request of the test is for: no connection is kept for it yet. */
export const newEndpoint = () => ({ webhookId: randomUUID(), revision: 1 });
