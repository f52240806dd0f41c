type Colour = (text: string) => string;

export interface Paint {
  readonly good: Colour;
  readonly bad: Colour;
  readonly warn: Colour;
  readonly faint: Colour;
  readonly strong: Colour;
}

/** Creates functions that add ANSI colours. Without `isEnabled` they return the text unchanged. */
export function createPaint(isEnabled: boolean): Paint {
  const colour = (code: number): Colour => (isEnabled ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  return { good: colour(32), bad: colour(31), warn: colour(33), faint: colour(2), strong: colour(1) };
}
