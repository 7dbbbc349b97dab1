import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createKeyring, generateKey } from '../encryption.ts';
import { createPayloadCodec } from './codec.ts';
import { failureConverter } from './failure-converter.ts';
import { payloadConverter } from './payload-converter.ts';

const canary = 'canary-5f1c';
const own = { type: 'workflow', namespace: 'keelson', workflowId: 'sync/a/1' } as const;
const activity = { type: 'activity', namespace: 'keelson', workflowId: 'sync/a/1', isLocal: false } as const;

describe('platform/temporal', () => {
  it('carries a payload through seal and open unchanged, with nothing readable in between', async () => {
    const codec = createPayloadCodec(createKeyring(generateKey()));
    const payload = defaultPayloadConverter.toPayload({ text: canary });
    const sealed = await codec.encode([payload], own);
    expect(Buffer.from(sealed[0]?.data ?? []).includes(canary)).toBe(false);
    const [opened] = await codec.decode(sealed, own);
    expect(defaultPayloadConverter.fromPayload(opened ?? {})).toEqual({ text: canary });
  });

  it('carries whole numbers beyond 2^53 with every digit', () => {
    const value = { helm: { valuesObject: { account: 9007199254740993n, part: 0.5 } }, none: null };
    const payload = payloadConverter.toPayload(value);
    expect(payloadConverter.fromPayload(payload)).toStrictEqual(value);
  });

  it('refuses payloads that it did not seal', async () => {
    const codec = createPayloadCodec(createKeyring(generateKey()));
    const payload = defaultPayloadConverter.toPayload('plain');
    await expect(codec.decode([payload], own)).rejects.toThrow(
      /workflow keelson\/sync\/a\/1: a payload is not sealed/,
    );
    await expect(codec.decode([{ data: payload.data ?? null }], own)).rejects.toThrow(/not sealed/);
  });

  it.each([
    ['workflow', { ...own, workflowId: 'sync/a/2' }],
    ['namespace', { ...own, namespace: 'other' }],
  ])('refuses payloads that were sealed for another %s', async (_, other) => {
    const codec = createPayloadCodec(createKeyring(generateKey()));
    const sealed = await codec.encode([defaultPayloadConverter.toPayload('x')], other);
    await expect(codec.decode(sealed, own)).rejects.toThrow(/sealed for another place/);
    await expect(codec.decode(sealed)).rejects.toThrow(/sealed for another place/);
  });

  it('opens in no workflow what was sealed for none', async () => {
    const codec = createPayloadCodec(createKeyring(generateKey()));
    const sealed = await codec.encode([defaultPayloadConverter.toPayload('x')]);
    await expect(codec.decode(sealed, own)).rejects.toThrow(/sealed for another place/);
    expect(await codec.decode(sealed)).toHaveLength(1);
  });

  it('opens in a workflow what one of its activities sealed', async () => {
    const codec = createPayloadCodec(createKeyring(generateKey()));
    const payload = defaultPayloadConverter.toPayload({ text: canary });
    const [opened] = await codec.decode(await codec.encode([payload], activity), own);
    expect(defaultPayloadConverter.fromPayload(opened ?? {})).toEqual({ text: canary });
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

  it('believes of a failure what was sealed of it', () => {
    const failure = failureConverter.errorToFailure(
      ApplicationFailure.create({ message: canary, type: 'render-failed', nonRetryable: true }),
      defaultPayloadConverter,
    );
    const changed = { ...failure, applicationFailureInfo: { type: 'superseded', nonRetryable: false } };
    expect(failureConverter.failureToError(changed, defaultPayloadConverter)).toMatchObject({
      type: 'render-failed',
      nonRetryable: true,
    });
  });

  it('believes nothing of a failure that is not sealed, and all that Temporal says', () => {
    const forged = { message: canary, applicationFailureInfo: { type: 'fenced', nonRetryable: true } };
    const read = failureConverter.failureToError(forged, defaultPayloadConverter);
    expect(read).toMatchObject({ type: 'unsealed', nonRetryable: false });
    expect(read.message).toMatch(/^failure is not sealed/);
    const own = { message: 'activity StartToClose timeout', timeoutFailureInfo: { timeoutType: 1 } };
    expect(failureConverter.failureToError(own, defaultPayloadConverter).message).toBe(own.message);
  });
});
