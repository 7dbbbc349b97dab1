import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { KeelsonError } from '../../core/errors.ts';
import type { Keyring } from '../encryption.ts';

const sealedEncoding = Buffer.from('binary/keelson-sealed');

/**
 * Seals every payload before it leaves the process, for the workflow that it belongs to, and opens nothing else: what
 * is not sealed, or was sealed for another workflow, comes from somebody who reached Temporal and isn't us.
 */
export function createPayloadCodec(keyring: Keyring): PayloadCodec {
  const { Payload: message } = proto.temporal.api.common.v1;
  return {
    async encode(payloads, context) {
      if (payloads.length === 0) return [];
      const place = placeOf(context);
      return payloads.map((payload) => ({
        metadata: { encoding: sealedEncoding },
        data: keyring.seal('payload', place, message.encode(payload).finish()),
      }));
    },
    async decode(payloads, context) {
      if (payloads.length === 0) return [];
      const place = placeOf(context);
      return payloads.map((payload): Payload => {
        const used = payload.metadata?.['encoding'];
        if (used === undefined || used === null || !Buffer.from(used).equals(sealedEncoding)) {
          throw new KeelsonError(
            'forbidden',
            `${place}: a payload is not sealed, so it is refused; check who but Keelson reaches Temporal`,
          );
        }
        return message.decode(keyring.open('payload', place, payload.data ?? new Uint8Array()));
      });
    },
  };
}

/**
 * Arguments, results, signals, heartbeats and failures of a workflow and of its activities have the workflow's place. The
 * SDK knows no workflow for the report of a workflow task that failed: that is sealed for people alone, as no workflow
 * opens it.
 */
function placeOf(context: SerializationContext | undefined): string {
  if (context?.workflowId === undefined) return 'no workflow';
  return `workflow ${context.namespace}/${context.workflowId}`;
}
