/** A stranger's text without control characters, which a terminal would obey. */
export const replaceControlCharacters = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, '\ufffd');
