import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that fails in the ways in which networks do. */
export type TcpRelay = {
  readonly port: number;
  /** Connections that are there now go on without a byte in either direction, and without an end; new ones work. */
  swallow(): void;
  /** Resets every connection. */
  reset(): void;
  stop(): Promise<void>;
};

/** Starts a relay on loopback that leads to a port. */
export async function startTcpRelay(port: number, host = '127.0.0.1'): Promise<TcpRelay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(port, host);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.pipe(other);
      // The end of one side is the end of the other; which error it was is the clients' matter.
      one.on('error', () => {});
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reset = (): void => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    swallow() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    reset,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      reset();
      await closed;
    },
  };
}
