/** Temporal does not answer, or not in time: the same request may succeed later. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
  constructor() {
    super('Temporal is unavailable');
  }
}
