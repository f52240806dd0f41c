import type { Consumer, JetStreamClient, JetStreamManager, NatsConnection } from 'nats';
import { jetStreamOptions } from '../../bin/process/nats-options.js';
import { eventually } from './eventually.js';
import { startNatsServers, type NatsServers, type Profile } from './nats-pki-servers.js';

/** The connection points: the service at the leaf node, the producer and the administrator at the hub. */
export interface NatsSeats {
  servers: NatsServers;
  service: NatsConnection;
  /** The service's, with its domain or prefix. */
  jetStream: JetStreamClient;
  consumer: () => Promise<Consumer>;
  producer: NatsConnection;
  manager: JetStreamManager;
  /** Messages that a stream holds. */
  messagesIn: (stream: 'WEBHOOKS' | 'WEBHOOKS_DLQ') => Promise<number>;
}

export async function takeNatsSeats(profile: Profile): Promise<NatsSeats> {
  const servers = await startNatsServers(profile);
  try {
    const service = await servers.connect('webhook-dispatcher', servers.leaf);
    const jetStream = service.jetstream(jetStreamOptions(servers.dispatcher));
    const consumer = () => jetStream.consumers.get(servers.dispatcher.stream, servers.dispatcher.durable);
    const producer = await servers.connect('platform-producer', servers.hub);
    const manager = await (await servers.connect('webhook-setup', servers.hub)).jetstreamManager();
    // The leaf node's link to the hub comes up a little later than its listener.
    await eventually(consumer);
    const messagesIn = async (stream: string) => (await manager.streams.info(stream)).state.messages;
    return { servers, service, jetStream, consumer, producer, manager, messagesIn };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}
