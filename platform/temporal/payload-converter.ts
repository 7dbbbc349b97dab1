import {
  BinaryPayloadConverter,
  CompositePayloadConverter,
  encodingKeys,
  JsonPayloadConverter,
  METADATA_ENCODING_KEY,
  type Payload,
  UndefinedPayloadConverter,
} from '@temporalio/common';
import { decode, encode } from '@temporalio/common/lib/encoding.js';
import { formatJson, parseJson } from '../../core/object/json/json.ts';

/** Temporal's JSON with every number in its digits: sources with Helm values travel to the worker that renders them. */
class ExactJsonConverter extends JsonPayloadConverter {
  override toPayload(value: unknown): Payload | undefined {
    if (value === undefined) return undefined;
    const metadata = { [METADATA_ENCODING_KEY]: encodingKeys.METADATA_ENCODING_JSON };
    return { metadata, data: encode(formatJson(value)) };
  }

  override fromPayload<T>({ data }: Payload): T {
    return parseJson(decode(data ?? new Uint8Array())) as T;
  }
}

/** What every client, worker and workflow makes payloads with. */
export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new BinaryPayloadConverter(),
  new ExactJsonConverter(),
);
