import { type Dispatcher, Pool } from 'undici';
import { KeelsonError } from '../../core/errors.ts';
import type { Proof } from '../access/identity.ts';
import type { ClusterCredentials } from './credentials.ts';
import { guardStreams } from './stream-guard.ts';

/** Short requests and endless streams never share a connection, so watches can't starve applies. */
export type PoolName = 'requests' | 'streams';

/** The connections to one API server, opened when first needed. */
export type Connections = {
  /** Sends one request over the named pool; the proof's certificate decides which connections fit. */
  request(
    pool: PoolName,
    proof: Proof,
    options: Omit<Dispatcher.RequestOptions, 'origin'>,
  ): Promise<Dispatcher.ResponseData>;
  /** Throws what every request meets from now on, once there is such a thing. */
  throwIfEnded(): void;
  /** Takes no more requests and ends the streams, with this reason; what was sent is still answered. */
  retire(reason: KeelsonError): void;
  /** Ends everything that is under way. */
  close(): Promise<void>;
};

type Pools = Readonly<Record<PoolName, Pool>> & { readonly cert: string | undefined };

/** Connections to the credentials' server; HTTP/2 where the server offers it, else HTTP/1.1. */
export function createConnections(credentials: ClusterCredentials): Connections {
  guardStreams();
  const { origin } = new URL(credentials.server);
  let pools: Pools | undefined;
  let ended: KeelsonError | undefined;

  /** A connection carries the client certificate, so a renewed one needs new connections. */
  function poolsFor(proof: Proof): Pools {
    throwIfEnded();
    if (pools !== undefined && pools.cert === proof.cert) return pools;
    const options = poolOptions(credentials, proof);
    const old = pools;
    pools = {
      // Over HTTP/2 one connection carries 100 requests; 32 is the parallelism left over HTTP/1.1.
      requests: new Pool(origin, { ...options, connections: 32 }),
      // Over HTTP/1.1 each watch occupies a connection, so a limit would stop the next watch forever.
      streams: new Pool(origin, { ...options, connections: null }),
      cert: proof.cert,
    };
    void old?.requests.close();
    void old?.streams.close();
    return pools;
  }

  function throwIfEnded(): void {
    if (ended !== undefined) throw ended;
  }

  return {
    async request(pool, proof, options) {
      return await poolsFor(proof)[pool].request(options);
    },
    throwIfEnded,
    retire(reason) {
      ended ??= reason;
      void pools?.requests.close();
      void pools?.streams.destroy(reason);
    },
    async close() {
      ended ??= new KeelsonError('unavailable', `cluster ${credentials.name}: its client was closed`);
      await Promise.all([pools?.requests.destroy(), pools?.streams.destroy()]);
    },
  };
}

function poolOptions(credentials: ClusterCredentials, proof: Proof): Pool.Options {
  const { tls } = credentials;
  return {
    allowH2: true,
    // Pings notice a connection that died without a word, long before a request on it times out.
    h2Options: { maxConcurrentStreams: 100, pingInterval: 30_000 },
    keepAliveTimeout: 60_000,
    connect: {
      keepAlive: true,
      timeout: 10_000,
      rejectUnauthorized: tls.insecure !== true,
      ...(tls.caData ? { ca: tls.caData } : {}),
      ...(tls.serverName ? { servername: tls.serverName } : {}),
      ...(proof.cert ? { cert: proof.cert } : {}),
      ...(proof.key ? { key: proof.key } : {}),
    },
  };
}
