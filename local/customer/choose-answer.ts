/** The customer's response to one request. Status `undefined`: no response is sent. */
export interface ScriptedAnswer {
  readonly status: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the response. */
  readonly delayMs?: number;
  /** An abnormal response: none at all, a connection reset, or a body that never ends. */
  readonly manner?: 'hang' | 'reset' | 'endless';
}

export interface AnswerInput {
  /** The path's second word: `/hooks/<behavior>[/anything]`. */
  readonly behavior: string;
  readonly query: URLSearchParams;
  /** Number of requests with this `webhook-id` at this path, this one included. */
  readonly timesSeen: number;
  readonly repaired: boolean;
}

type Behavior = (situation: AnswerInput) => ScriptedAnswer;

const behaviors: Readonly<Record<string, Behavior>> = {
  ok: () => ({ status: 204 }),
  flaky: ({ query, timesSeen }) => ({ status: timesSeen <= number(query, 'fail', 1) ? 500 : 200 }),
  broken: ({ repaired }) => ({ status: repaired ? 200 : 500 }),
  gone: () => ({ status: 410 }),
  slow: ({ query }) => ({ status: 200, delayMs: number(query, 'ms', 1_000) }),
  redirect: ({ query }) => ({ status: 302, headers: { location: query.get('to') ?? '/hooks/ok' } }),
  status: ({ query }) => {
    const retryAfter = query.get('retry-after');
    return { status: number(query, 'code', 500), ...(retryAfter && { headers: { 'retry-after': retryAfter } }) };
  },
  hang: () => ({ status: undefined, manner: 'hang' }),
  reset: () => ({ status: undefined, manner: 'reset' }),
  endless: () => ({ status: 200, manner: 'endless' }),
};

/** Chooses the response to a request. The URL names the behavior; an unknown behavior is a 404. */
export const chooseAnswer = (situation: AnswerInput): ScriptedAnswer =>
  behaviors[situation.behavior]?.(situation) ?? { status: 404 };

const number = (query: URLSearchParams, name: string, otherwise: number): number => {
  const value = Number(query.get(name) ?? Number.NaN);
  return Number.isInteger(value) && value >= 0 ? value : otherwise;
};
