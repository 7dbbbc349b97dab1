import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createKeyring, generateKey } from '../encryption.ts';
import { createPayloadCodec } from './codec.ts';
import { failureConverter } from './failure-converter.ts';
import { payloadConverter } from './payload-converter.ts';

const canary = 'canary-5f1c';

describe('platform/temporal', () => {
  it('carries a payload through seal and open unchanged, with nothing readable in between', async () => {
    const codec = createPayloadCodec(createKeyring(generateKey()));
    const payload = defaultPayloadConverter.toPayload({ text: canary });
    const sealed = await codec.encode([payload]);
    expect(Buffer.from(sealed[0]?.data ?? []).includes(canary)).toBe(false);
    const [opened] = await codec.decode(sealed);
    expect(defaultPayloadConverter.fromPayload(opened as never)).toEqual({ text: canary });
  });

  it('carries whole numbers beyond 2^53 with every digit', () => {
    const value = { helm: { valuesObject: { account: 9007199254740993n, part: 0.5 } }, none: null };
    const payload = payloadConverter.toPayload(value);
    expect(payloadConverter.fromPayload(payload)).toStrictEqual(value);
  });

  it('leaves payloads alone that it did not seal', async () => {
    const codec = createPayloadCodec(createKeyring(generateKey()));
    const payload = defaultPayloadConverter.toPayload('plain');
    expect(await codec.decode([payload])).toEqual([payload]);
  });

  it('keeps messages and stack traces of failures out of the readable part', () => {
    const failure = failureConverter.errorToFailure(
      ApplicationFailure.create({ message: canary, type: 'render-failed' }),
      defaultPayloadConverter,
    );
    expect(failure.message).not.toContain(canary);
    expect(failure.stackTrace ?? '').not.toContain(canary);
    expect(failureConverter.failureToError(failure, defaultPayloadConverter).message).toBe(canary);
  });
});
