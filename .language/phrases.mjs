// Phrases that comments, documents and messages do not use, and what to write instead: an actor without a name makes a
// sentence a riddle, and a machine or a value is "it". `npm run language` counts them; headings and code are not read.

/** @type {readonly { phrase: string, use: string }[]} */
export const PHRASES = [
  { phrase: 'anybody', use: 'the actor by its name: "a client", "another process"' },
  { phrase: 'anyone', use: 'the actor by its name: "a client", "another process"' },
  { phrase: 'everybody', use: '"all" or "each" with the noun' },
  { phrase: 'everyone', use: '"all" or "each" with the noun' },
  { phrase: 'he', use: '"it", or the noun' },
  { phrase: 'him', use: '"it", or the noun' },
  { phrase: 'himself', use: '"itself"' },
  { phrase: 'his', use: '"its", or the noun' },
  { phrase: 'no one', use: '"no" with the noun: "no request", "no user"' },
  { phrase: 'nobody', use: '"no" with the noun: "no request", "no user"' },
  { phrase: 'somebody', use: 'the actor by its name: "an operator", "another process"' },
  { phrase: 'someone', use: 'the actor by its name: "an operator", "another process"' },
  { phrase: 'those that', use: 'the noun: "requests that"' },
  { phrase: 'what is', use: 'the noun: "a request that is", "the row that is"' },
  { phrase: 'whatever', use: '"any" or "every" with the noun' },
  { phrase: 'whoever', use: 'the actor by its name, or "the caller"' },
  { phrase: 'whom', use: 'the noun again' },
];

/**
 * How many there may be: in comments of code and configuration, in comments and titles of tests, in Markdown, in string
 * literals of shipped code. Lowered as the tree is cleaned, never raised.
 */
export const MAXIMUM = { comments: 0, tests: 0, documents: 0, messages: 0 };
