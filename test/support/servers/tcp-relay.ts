import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that fails in the ways in which networks do. */
export type TcpRelay = {
  readonly port: number;
  /** Connections that are there now go on without a byte in either direction, and without an end; new ones work. */
  swallow(): void;
  /** How many pieces with such a text clients have sent, whether they were passed on or swallowed. */
  sent(text: string): number;
  /** Resets every connection. */
  reset(): void;
  stop(): Promise<void>;
};

/** Starts a relay on loopback that leads to a port. */
export async function startTcpRelay(port: number, host = '127.0.0.1'): Promise<TcpRelay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const pieces: string[] = [];
  const server = createServer((near) => {
    const far = connect(port, host);
    const pair = [near, far] as const;
    pairs.add(pair);
    near.on('data', (piece) => pieces.push(piece.toString('latin1')));
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
        // Still read, so that it can be told what was sent; nobody hears of it.
        near.unpipe(far).resume();
        far.unpipe(near).pause();
      }
    },
    sent: (text) => pieces.filter((piece) => piece.includes(text)).length,
    reset,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      reset();
      await closed;
    },
  };
}
