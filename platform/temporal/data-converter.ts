import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Keyring } from '../encryption.ts';
import { createPayloadCodec } from './codec.ts';

/** The converter that every client and worker uses: nothing of Keelson's is readable in a workflow history,
 * and numbers keep their digits. */
export function createDataConverter(keyring: Keyring): DataConverter {
  return {
    payloadConverterPath: fileURLToPath(new URL('./payload-converter.ts', import.meta.url)),
    failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
    payloadCodecs: [createPayloadCodec(keyring)],
  };
}
