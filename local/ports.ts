import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { KeelsonError } from '../core/errors.ts';
import { ownField } from '../core/own-field.ts';

const RememberedPorts = z.record(z.string(), z.number().int());

/** Below the ephemeral range of Linux and macOS, so that no outgoing connection takes a port between look and use. */
const range = { first: 20_000, last: 32_000 };
const attempts = 200;

/** Ports this program handed out; two servers starting together must not get the same one. */
const given = new Set<number>();

/** A port on 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = range.first + Math.floor(Math.random() * (range.last - range.first));
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
  throw new KeelsonError('unavailable', `no free port between ${range.first} and ${range.last} was found`);
}

/**
 * The port that a role had at its last start with this state directory, so kubeconfigs and addresses stay valid; a new
 * one when it had none or somebody else listens there now.
 */
export async function rememberedPort(stateDir: string, role: string): Promise<number> {
  const known = ownField(readPorts(stateDir), role);
  if (known !== undefined && (await isFree(known))) {
    given.add(known);
    return known;
  }
  const port = await freePort();
  writePorts(stateDir, { ...readPorts(stateDir), [role]: port });
  return port;
}

/** Whether nobody listens on the port of an address, of 127.0.0.1 unless another one is given. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function readPorts(stateDir: string): Record<string, number> {
  const file = portsFile(stateDir);
  if (!existsSync(file)) return {};
  return RememberedPorts.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Read, changed and written without a pause in between, so roles that start together don't lose each other's port. */
function writePorts(stateDir: string, ports: Record<string, number>): void {
  const file = portsFile(stateDir);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(ports, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

function portsFile(stateDir: string): string {
  return join(stateDir, 'ports.json');
}
