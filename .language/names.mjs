// Words that no name of the code may hold, and what to write instead. A name is split where its case changes: `madeUp` is
// found in `madeUpEvent` and in `made-up-event.ts`, `together` in `attemptTogether`, never in `altogether`.
//
// `exact`: the name as a whole, in this case. `except`: terms of the field that hold the word. `enforced: false`: the tree
// still has such names; `npm run language` lists them, and asks for `true` as soon as there is none.

/** @type {readonly { word: string, use: string, enforced: boolean, exact?: boolean, except?: readonly string[] }[]} */
export const NAMES = [
  { word: 'admitted', use: '"takeWhileRoom", or what was taken', enforced: true },
  { word: 'admitting', use: '"takeWhileRoom"', enforced: true },
  { word: 'AWAY', use: '"TRANSIENT"', enforced: true, exact: true },
  { word: 'begun', use: '"started"', enforced: true },
  { word: 'books', use: '"reconciliation"', enforced: true },
  { word: 'concludes', use: '"completeOrFail"', enforced: true },
  { word: 'everybody', use: '"all" with the noun', enforced: true },
  { word: 'foremost', use: '"first"', enforced: true },
  { word: 'handOver', use: '"prefetch"', enforced: true },
  { word: 'heard', use: 'the event that happened: "answered", "received"', enforced: true },
  { word: 'ill', use: '"failing" or "unhealthy"', enforced: true },
  { word: 'madeUp', use: '"test" with the noun: "testEvent"', enforced: true },
  { word: 'material', use: '"attemptContext", or the data by its name', enforced: true, except: ['keyMaterial'] },
  { word: 'nobody', use: '"anonymous", or "no" with the noun', enforced: true },
  { word: 'PASSING', use: '"TRANSIENT"', enforced: true, exact: true },
  { word: 'recheck', use: '"revalidate"', enforced: true },
  { word: 'spell', use: '"render"', enforced: true },
  { word: 'tell', use: 'the effect: "dispose", "log", "answer"', enforced: true },
  { word: 'together', use: 'the verb with its object: "sendPipelined", "mergeNotes"', enforced: true },
  { word: 'trial', use: '"test" or "preview"', enforced: true },
  { word: 'trials', use: '"tests" or "previews"', enforced: true },
  { word: 'turns', use: '"roundRobinQueue"', enforced: true },
];
