type Colour = (text: string) => string;

export interface Paint {
  readonly good: Colour;
  readonly bad: Colour;
  readonly warn: Colour;
  readonly faint: Colour;
  readonly strong: Colour;
}

/** ANSI colours where they are wanted, and the text itself where they are not. */
export function createPaint(wanted: boolean): Paint {
  const colour = (code: number): Colour => (wanted ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  return { good: colour(32), bad: colour(31), warn: colour(33), faint: colour(2), strong: colour(1) };
}
