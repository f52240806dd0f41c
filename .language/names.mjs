// Words that no name of the code may hold, and what to write instead. A name is split where its case changes: `madeUp` is
// found in `madeUpEvent` and in `made-up-event.ts`, `together` in `attemptTogether`, never in `altogether`.
//
// `exact`: the name as a whole, in this case. `except`: terms of the field that hold the word. `enforced: false`: the tree
// still has such names; `npm run language` lists them, and asks for `true` as soon as there is none.

/** @type {readonly { word: string, use: string, enforced: boolean, exact?: boolean, except?: readonly string[] }[]} */
export const NAMES = [
  { word: 'admitted', use: '"takeWhileRoom", or what was taken', enforced: false },
  { word: 'admitting', use: '"takeWhileRoom"', enforced: true },
  { word: 'AWAY', use: '"TRANSIENT"', enforced: false, exact: true },
  { word: 'begun', use: '"started"', enforced: false },
  { word: 'books', use: '"reconciliation"', enforced: false },
  { word: 'concludes', use: '"completeOrFail"', enforced: false },
  { word: 'everybody', use: '"all" with the noun', enforced: false },
  { word: 'foremost', use: '"first"', enforced: true },
  { word: 'handOver', use: '"prefetch"', enforced: false },
  { word: 'heard', use: 'the event that happened: "answered", "received"', enforced: false },
  { word: 'ill', use: '"failing" or "unhealthy"', enforced: false },
  { word: 'madeUp', use: '"test" with the noun: "testEvent"', enforced: false },
  { word: 'material', use: '"attemptContext", or the data by its name', enforced: false, except: ['keyMaterial'] },
  { word: 'nobody', use: '"anonymous", or "no" with the noun', enforced: false },
  { word: 'PASSING', use: '"TRANSIENT"', enforced: false, exact: true },
  { word: 'recheck', use: '"revalidate"', enforced: false },
  { word: 'spell', use: '"render"', enforced: false },
  { word: 'tell', use: 'the effect: "dispose", "log", "answer"', enforced: false },
  { word: 'together', use: 'the verb with its object: "sendPipelined", "mergeNotes"', enforced: false },
  { word: 'trial', use: '"test" or "preview"', enforced: false },
  { word: 'trials', use: '"tests" or "previews"', enforced: false },
  { word: 'turns', use: '"roundRobinQueue"', enforced: false },
];
