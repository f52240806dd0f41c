/** All receivers' names lie in this zone, which exists nowhere else. */
export const HOSTS_ZONE = 'hosts.bench';

/** One name of many for the same receiver. `answerMs`: how long the name server lets a resolver wait for it. */
export const hostName = (n: number, answerMs = 0): string =>
  answerMs === 0 ? `h${n}.${HOSTS_ZONE}` : `h${n}.after-${answerMs}.${HOSTS_ZONE}`;

const HOST = new RegExp(`^h\\d+(?:\\.after-(\\d+))?\\.${HOSTS_ZONE.replace('.', '\\.')}$`);

/** How long the name server is to wait before it answers, in milliseconds; undefined for a name of another zone. */
export function answerDelayMs(name: string): number | undefined {
  const found = HOST.exec(name.toLowerCase());
  return found === null ? undefined : Number(found[1] ?? 0);
}
