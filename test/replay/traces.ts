import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WorkflowSerializationContext } from '@temporalio/common';
import { createPayloadCodec } from '../../platform/temporal/codec.ts';
import { replayKeyring, replayNamespace } from './histories.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const codec = createPayloadCodec(replayKeyring);
const sealedEncoding = Buffer.from('binary/keelson-sealed').toString('base64');

/** A worker's own queue: pid, host, and a random id after the last dash. */
const stickyQueue = /^\d+@.+-(?=[0-9a-f]{32}$)/;

type Sealed = { readonly metadata: { readonly encoding: string }; readonly data: string };

/**
 * A history in JSON without traces of the machine that recorded it: who polled, the host's name in sticky queues, and
 * the checkout's path in the stack traces inside sealed failures. Payloads are sealed anew for the namespace of replays;
 * nothing else that a replay looks at changes.
 */
export async function withoutTraces(
  value: unknown,
  workflow: WorkflowSerializationContext,
): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((inner) => withoutTraces(inner, workflow)));
  if (typeof value === 'string') return value.replace(stickyQueue, 'recorder-');
  if (typeof value !== 'object' || value === null) return value;
  if (isSealed(value)) return resealed(value, workflow);
  const entries = Object.entries(value).map(async ([key, inner]) => {
    return [key, key === 'identity' ? 'recorded' : await withoutTraces(inner, workflow)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function isSealed(value: object): value is Sealed {
  const { metadata } = value as Partial<Sealed>;
  return metadata?.encoding === sealedEncoding;
}

async function resealed(sealed: Sealed, workflow: WorkflowSerializationContext): Promise<Sealed> {
  const metadata = { encoding: Buffer.from(sealed.metadata.encoding, 'base64') };
  const payload = { metadata, data: Buffer.from(sealed.data, 'base64') };
  const [opened] = await codec.decode([payload], workflow);
  const text = Buffer.from(opened?.data ?? []).toString('utf8');
  const cleaned = text.replaceAll(pathToFileURL(root).href, '').replaceAll(root, '');
  const plain = { metadata: opened?.metadata ?? {}, data: Buffer.from(cleaned) };
  const [again] = await codec.encode([plain], { ...workflow, namespace: replayNamespace });
  return { ...sealed, data: Buffer.from(again?.data ?? []).toString('base64') };
}
