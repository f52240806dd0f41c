import tls from 'node:tls';

/** How many TLS contexts are made while `work` runs, by any part of this process, Node's own included. */
export async function countContexts(work: () => Promise<unknown>): Promise<number> {
  const { createSecureContext } = tls;
  let made = 0;
  tls.createSecureContext = (options) => {
    made += 1;
    return createSecureContext(options);
  };
  try {
    await work();
  } finally {
    tls.createSecureContext = createSecureContext;
  }
  return made;
}
