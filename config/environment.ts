/** `process.env`, or what a test gives in its place. */
export type Environment = Readonly<Record<string, string | undefined>>;
