import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { privateHosts } from '../way-out/addresses.ts';
import { createEgress, type Egress } from './egress.ts';

describe('platform/sandbox/egress', () => {
  let target: Server;
  let listening: Server;
  let egress: Egress;
  let asked: string[];

  async function open(addresses: readonly string[]): Promise<void> {
    egress = createEgress(privateHosts(['rebinding.test']), async (host) => {
      asked.push(host);
      return [{ address: addresses[Math.min(asked.length, addresses.length) - 1] ?? '', family: 4 }];
    });
    listening = createServer();
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    egress.serve(listening);
  }

  /** What the proxy answers to a request for a name that only its own look-up knows. */
  function through(path: string, method = 'GET'): Promise<{ status: number | undefined; text: string }> {
    const { port } = listening.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port, path, method, agent: false });
      asking.once('error', reject);
      asking.once('connect', (reply, socket) => {
        socket.destroy();
        resolve({ status: reply.statusCode, text: '' });
      });
      asking.once('response', (reply) => {
        let text = '';
        reply.on('data', (part) => (text += part));
        reply.once('end', () => resolve({ status: reply.statusCode, text }));
      });
      asking.end();
    });
  }

  const portOf = (): number => (target.address() as AddressInfo).port;

  beforeEach(async () => {
    asked = [];
    target = createServer((_, reply) => reply.end('reached'));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    egress.close();
    await new Promise((resolve) => target.close(resolve));
  });

  it('connects to the very address that was checked, and looks the name up once', async () => {
    await open(['127.0.0.1', '169.254.169.254']);
    expect(await through(`http://rebinding.test:${portOf()}/`)).toEqual({ status: 200, text: 'reached' });
    expect(asked).toEqual(['rebinding.test']);
  });

  it('does so for tunnels too', async () => {
    await open(['127.0.0.1', '169.254.169.254']);
    expect(await through(`rebinding.test:${portOf()}`, 'CONNECT')).toMatchObject({ status: 200 });
    expect(asked).toEqual(['rebinding.test']);
  });

  it('refuses a name that leads to the services of a cloud, listed or not', async () => {
    await open(['169.254.169.254']);
    expect(await through(`http://rebinding.test:${portOf()}/`)).toMatchObject({ status: 403 });
    expect(egress.refusals()).toEqual([expect.stringContaining('rebinding.test (169.254.169.254) is')]);
  });
});
