import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Keyring } from '../encryption.ts';

const sealedEncoding = Buffer.from('binary/keelson-sealed');

/** Seals every payload before it leaves the process, so histories hold nothing readable. */
export function createPayloadCodec(keyring: Keyring): PayloadCodec {
  const { Payload: message } = proto.temporal.api.common.v1;
  return {
    async encode(payloads) {
      return payloads.map((payload) => ({
        metadata: { encoding: sealedEncoding },
        data: keyring.seal('payload', message.encode(payload).finish()),
      }));
    },
    async decode(payloads) {
      return payloads.map((payload): Payload => {
        const used = payload.metadata?.['encoding'];
        if (used === undefined || used === null || !Buffer.from(used).equals(sealedEncoding)) return payload;
        return message.decode(keyring.open('payload', payload.data ?? new Uint8Array()));
      });
    },
  };
}
