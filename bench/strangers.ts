/**
 * How long /healthz and the admin's login take while strangers log in and send bodies that never end.
 * Run: node bench/strangers.ts [--strangers 50] [--seconds 15]
 */

import { connect } from 'node:net';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createReporter } from '../local/reporter.ts';
import { quantile, quantileTable } from './support/figures.ts';
import { startStage } from './support/stage.ts';

const goalMilliseconds = 100;
const pauseMilliseconds = 20;
/** Between two logins of one stranger: together they try several times as many as can be compared. */
const strangerMilliseconds = 500;
const mostLoginSeconds = 60;

const { values } = parseArgs({
  options: {
    strangers: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '15' },
  },
});
const strangers = Number(values.strangers);
console.log(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${strangers} strangers of each kind`);
// Each stranger has an address of its own, which the bench tells as a proxy does.
const env = { KEELSON_TRUSTED_PROXIES: '127.0.0.1', KEELSON_WEBHOOK_GITLAB_SECRET: 'of-the-bench' };
const stage = await startStage('dev', createReporter(), env);
let status = 1;
try {
  status = await measure(stage.keelson);
} finally {
  await stage.stop();
}
process.exit(status);

async function measure({ url, adminPassword }: { url: string; adminPassword: string }): Promise<number> {
  const alone = await sampleHealth(url, new AbortController().signal);
  const ending = new AbortController();
  const { signal } = ending;
  const attacks = Array.from({ length: strangers }, (_, index) => [
    keepLoggingIn(url, `192.0.2.${index}`, signal),
    keepSendingSlowly(url, `198.51.100.${index}`, signal),
  ]).flat();
  const health = await sampleHealth(url, signal);
  const login = await secondsUntilLetIn(url, adminPassword);
  ending.abort();
  await Promise.all(attacks);
  console.log(quantileTable({ 'healthz alone': alone, 'healthz among strangers': health }));
  console.log(`admin was let in after ${login.toFixed(1)} s`);
  const p90 = quantile(health, 0.9);
  console.log(`p90 of healthz is ${p90.toFixed(0)} ms; the goal is ${goalMilliseconds} ms`);
  return p90 < goalMilliseconds ? 0 : 1;
}

async function sampleHealth(url: string, signal: AbortSignal): Promise<number[]> {
  const sample: number[] = [];
  const until = performance.now() + Number(values.seconds) * 1000;
  while (performance.now() < until && !signal.aborted) {
    const startedAt = performance.now();
    await (await fetch(`${url}/healthz`)).arrayBuffer();
    sample.push(performance.now() - startedAt);
    await sleep(pauseMilliseconds);
  }
  return sample;
}

/** Tries every second, as a person does who is told to try again. */
async function secondsUntilLetIn(url: string, password: string): Promise<number> {
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  while ((await logIn(url, '203.0.113.1', password)) !== 200 && seconds() < mostLoginSeconds) {
    await sleep(1000);
  }
  return seconds();
}

async function logIn(url: string, address: string, password: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ username: 'admin', password }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function keepLoggingIn(url: string, address: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await logIn(url, address, 'wrong');
    await sleep(strangerMilliseconds);
  }
}

/** A body of which a byte comes now and then, begun anew whenever the server gives it up. */
async function keepSendingSlowly(url: string, address: string, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(url);
  const isWebhook = Number(address.split('.').at(-1)) % 2 === 0;
  const path = isWebhook ? '/api/webhook' : '/api/v1/session';
  const proof = 'x-gitlab-event: Push Hook\r\nx-gitlab-token: of-the-bench\r\n';
  while (!signal.aborted) {
    const socket = connect(Number(port), hostname);
    const isClosed = new Promise((resolve) => socket.on('close', resolve));
    // The server resets what it gave up.
    socket.on('error', () => {});
    socket.resume();
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\nx-forwarded-for: ${address}\r\n` +
        `${isWebhook ? proof : ''}transfer-encoding: chunked\r\n\r\n`,
    );
    const drip = setInterval(() => socket.write('1\r\n \r\n'), 100);
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    await isClosed;
    clearInterval(drip);
    await sleep(pauseMilliseconds);
  }
}
