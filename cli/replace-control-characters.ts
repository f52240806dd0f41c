/** Replaces control characters in text from outside, because a terminal would execute them. */
export const replaceControlCharacters = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, '\ufffd');
