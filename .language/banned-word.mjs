/** `madeUpEvents` → " made up events "; `MADE_UP` and `made-up.ts` likewise. */
function spaced(name) {
  const apart = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  const words = apart.toLowerCase().split(/[^a-z]+/);
  return ` ${words.filter((word) => word !== '').join(' ')} `;
}

/** The first of `entries` (names.mjs) that `name` violates, if any. */
export function findBannedWord(name, entries) {
  return entries.find(({ word, exact, except = [] }) => {
    if (exact) return name === word;
    const text = except.reduce((rest, term) => rest.replaceAll(spaced(term), ' '), spaced(name));
    return text.includes(spaced(word));
  });
}
