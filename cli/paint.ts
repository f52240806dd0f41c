type Color = (text: string) => string;

export interface Paint {
  readonly good: Color;
  readonly bad: Color;
  readonly warn: Color;
  readonly faint: Color;
  readonly strong: Color;
}

/** Creates functions that add ANSI colors. Without `isEnabled` they return the text unchanged. */
export function createPaint(isEnabled: boolean): Paint {
  const color = (code: number): Color => (isEnabled ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  return { good: color(32), bad: color(31), warn: color(33), faint: color(2), strong: color(1) };
}
