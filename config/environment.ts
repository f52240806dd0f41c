/** `process.env`, or an object that a test passes instead. */
export type Environment = Readonly<Record<string, string | undefined>>;
