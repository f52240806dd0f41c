import net, { isIP, type LookupFunction, type Socket } from 'node:net';
import tls, { TLSSocket } from 'node:tls';
import { CertificateRefusedError, ConnectionClosedError, DestinationBlockedError } from './connection-errors.js';
import type { ResolvedAddress } from './ask-name-servers.js';
import type { TlsOptions } from './tls-options.js';

/** A name with hundreds of dead addresses must not decide how many connections one attempt opens. */
const MAX_ADDRESSES = 4;
/** Milliseconds before the next address is tried; Node's own 250 gives up on slow but healthy receivers. */
const NEXT_ADDRESS_AFTER_MS = 1000;

export interface Destination {
  /** http or https. */
  readonly url: URL;
  /** Of the URL's host; all of them permitted. */
  readonly addresses: readonly ResolvedAddress[];
}

/**
 * Connects to the first address that answers; over https it resolves when the certificate is verified.
 * @throws CertificateRefusedError, DestinationBlockedError, ConnectionClosedError (also when the signal aborts), or what Node
 * throws.
 */
export type OpenSocket = (destination: Destination, signal: AbortSignal) => Promise<Socket>;

export interface OpenSocketDeps {
  /** Whether an address may be connected to. */
  readonly isAllowed: (address: string) => boolean;
  readonly tlsOptions: TlsOptions;
}

export function createOpenSocket({ isAllowed, tlsOptions }: OpenSocketDeps): OpenSocket {
  return async ({ url, addresses }, signal) => {
    const isSecure = url.protocol === 'https:';
    const options = connectOptions(url, addresses);
    const socket = isSecure ? tls.connect({ ...options, ...tlsOptions, ...namedBy(url) }) : net.connect(options);
    // Second line: this is the address that the kernel connected to, however it was chosen. Prepended, because TLS sends its
    // ClientHello, which names the host, from a listener of its own on the same event.
    socket.prependOnceListener('connect', () => {
      if (!isAllowed(socket.remoteAddress ?? '')) socket.destroy(new DestinationBlockedError());
    });
    await waitUntilOpen(socket, isSecure ? 'secureConnect' : 'connect', signal);
    return socket;
  };
}

function connectOptions({ hostname, port, protocol }: URL, addresses: readonly ResolvedAddress[]) {
  return {
    // Node calls no lookup for an address.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port),
    lookup: lookupOf(addresses.slice(0, MAX_ADDRESSES)),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    noDelay: true,
  };
}

/** A lookup that returns addresses that are resolved and checked already. */
function lookupOf(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, { all }, done) => {
    const [first] = addresses;
    if (all || first === undefined) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
}

/** RFC 6066 §3: an address is not a server name, and a name is sent without its final dot. */
const namedBy = ({ hostname }: URL) =>
  isIP(hostname) === 0 && !hostname.startsWith('[') ? { servername: hostname.replace(/\.$/, '') } : {};

async function waitUntilOpen(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const giveUp = () => socket.destroy();
  try {
    await new Promise<void>((resolve, reject) => {
      // This listener stays: without one, an error of an idle connection would end the process.
      socket.on('error', (error) => reject(isCertificateRefused(socket) ? new CertificateRefusedError() : error));
      socket.once('close', () => reject(new ConnectionClosedError()));
      // A listener before this one may have refused the connection.
      socket.once(event, () => !socket.destroyed && resolve());
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * Node names a few of OpenSSL's some ninety reasons in the error's code, and calls the others `UNSPECIFIED`. Each of them sets
 * `authorizationError`. It is null until then, which its type does not say.
 */
const isCertificateRefused = (socket: Socket): boolean =>
  socket instanceof TLSSocket && (socket.authorizationError as Error | null) !== null;
