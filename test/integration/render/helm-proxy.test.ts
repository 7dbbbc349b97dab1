import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  accessTo,
  type RepositoryAccess,
  type RepositoryCredentials,
} from '../../../core/repository/access.ts';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { freePort } from '../../../local/ports.ts';
import { failureOf } from '../../support/process/failure.ts';
import { type Fetching, openFetching } from '../../support/render/fetching.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type ChartServer, startChartServer } from '../../support/servers/chart-server.ts';
import { type HttpProxy, startHttpProxy } from '../../support/servers/http-proxy.ts';

const secret = { username: 'reader', password: 'canary-of-charts' };

describe('activities/remote through a proxy', () => {
  const authority = createAuthority();
  let plain: ChartServer;
  let secure: ChartServer;
  let proxy: HttpProxy;
  let fetching: Fetching;
  let through: RepositoryCredentials;

  beforeAll(async () => {
    const { helm } = await renderTools();
    const { keyPem: key, certificatePem: cert } = authority.issue({
      subject: { name: 'charts' },
      use: 'server',
      hosts: ['127.0.0.1'],
    });
    [plain, secure] = await Promise.all([
      startChartServer({ helm }),
      startChartServer({ helm, tls: { key, cert } }),
    ]);
    for (const server of [plain, secure]) {
      await server.publish([{ name: 'demo', version: '1.0.0' }]);
      server.requireAuth(secret.username, secret.password);
    }
  });

  afterAll(async () => {
    await Promise.all([plain?.stop(), secure?.stop()]);
  });

  beforeEach(async () => {
    [proxy, fetching] = await Promise.all([startHttpProxy('pat', 'canary-of-proxy'), openFetching()]);
    through = { ...secret, proxy: `http://pat:canary-of-proxy@${proxy.host}` };
    for (const server of [plain, secure]) server.requests.length = 0;
  });

  afterEach(async () => {
    await fetching.close();
    await proxy.stop();
  });

  const reader = (url: string, credentials: RepositoryCredentials): RepositoryAccess => ({
    ...accessTo(url, credentials),
    type: 'helm',
    caBundle: authority.certificatePem,
  });

  /** Reads the index and pulls the newest chart; answers with its values. */
  async function pulled(access: RepositoryAccess): Promise<string> {
    const version = await fetching.charts.resolveVersion({ access, chart: 'demo', version: '*' });
    const { path, release } = await fetching.charts.fetch({ access, chart: 'demo', version });
    const values = await readFile(join(path, 'values.yaml'), 'utf8');
    await release();
    return values;
  }

  async function failed(url: string, credentials: RepositoryCredentials): Promise<string> {
    const { message, details } = await failureOf(pulled(reader(url, credentials)));
    expect(details['reason']).toBe('proxy');
    expect(message).not.toContain('canary');
    return message;
  }

  it('reads the index and the chart of a repository, passing each request on or tunnelling', async () => {
    expect(await pulled(reader(plain.url, through))).toBe('a: chart\n');
    const { host } = new URL(plain.url);
    expect(plain.requests.map(({ path }) => path)).toEqual(['/index.yaml', '/demo-1.0.0.tgz']);
    expect(proxy.asked).toEqual([host, host]);
    proxy.asked.length = 0;
    expect(await pulled(reader(secure.url, through))).toBe('a: chart\n');
    expect(new Set(proxy.asked)).toEqual(new Set([new URL(secure.url).host]));
  });

  it('goes directly to hosts of noProxy', async () => {
    const exempt = { ...through, noProxy: 'example.com,127.0.0.1' };
    for (const { url } of [plain, secure]) expect(await pulled(reader(url, exempt))).toBe('a: chart\n');
    expect(proxy.asked).toEqual([]);
  });

  it('names a proxy that is away, that lets nobody in, and that does not lead on', async () => {
    const wrong = { ...secret, proxy: `http://pat:canary-wrong@${proxy.host}` };
    const gone = `127.0.0.1:${await freePort()}`;
    expect(await failed(`https://${gone}`, through)).toContain(
      `the proxy ${proxy.host} does not lead to ${gone} (502); allow it there, or name the host in noProxy`,
    );
    for (const { url } of [plain, secure]) {
      expect(await failed(url, wrong)).toMatch(
        /asks for credentials \(407\); write the right ones into the proxy address$/,
      );
    }
    await proxy.stop();
    for (const { url } of [plain, secure]) {
      const message = await failed(url, through);
      expect(message).toMatch(/cannot be reached \(.*ECONNREFUSED.*\); start it, correct proxy of the/);
      expect(message).toContain(`the proxy ${proxy.host} `);
    }
    expect(await failed(secure.url, { ...secret, proxy: 'http://keelson-proxy.invalid:3128' })).toMatch(
      /the name of the proxy keelson-proxy\.invalid:3128 cannot be resolved \(DNS\); correct/,
    );
    expect([...plain.requests, ...secure.requests]).toEqual([]);
  });
});
