import { DefaultFailureConverter, type PayloadConverter, type ProtoFailure } from '@temporalio/common';

type Sealed = { readonly type?: unknown; readonly nonRetryable?: unknown };

/**
 * Moves messages, stack traces and what an application failure is into a payload, where the codec seals them for their
 * workflow. What Temporal itself says (timeouts, terminations, cancellations) is never sealed; a failure that only our
 * own processes make and that isn't sealed was made by somebody else, and nothing that it says is believed.
 */
class SealedFailureConverter extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: true });
  }

  override errorToFailure(
    ...[error, payloads, context]: Parameters<DefaultFailureConverter['errorToFailure']>
  ): ProtoFailure {
    const failure = super.errorToFailure(error, payloads, context);
    const { applicationFailureInfo: info, encodedAttributes } = failure;
    if (!info || !encodedAttributes) return failure;
    const attributes: object = payloads.fromPayload(encodedAttributes, context);
    const { type, nonRetryable } = info;
    const sealed = { ...attributes, type: type ?? null, nonRetryable: nonRetryable ?? false };
    return { ...failure, encodedAttributes: payloads.toPayload(sealed, context) };
  }

  override failureToError(
    ...[failure, payloads, context]: Parameters<DefaultFailureConverter['failureToError']>
  ) {
    return super.failureToError(believed(failure, payloads), payloads, context);
  }
}

/** The failure by what of it was sealed. Earlier releases left type and whether to retry outside. */
function believed(failure: ProtoFailure, payloads: PayloadConverter): ProtoFailure {
  const { applicationFailureInfo: info, encodedAttributes } = failure;
  if (!info) return failure;
  if (!encodedAttributes) return { message: unsealedMessage, applicationFailureInfo: { type: 'unsealed' } };
  const { type, nonRetryable }: Sealed = payloads.fromPayload(encodedAttributes);
  const known = {
    ...(type === undefined ? {} : { type: typeof type === 'string' ? type : null }),
    ...(nonRetryable === undefined ? {} : { nonRetryable: nonRetryable === true }),
  };
  return { ...failure, applicationFailureInfo: { ...info, ...known } };
}

const unsealedMessage =
  'failure is not sealed, so what it says is not believed; check who but Keelson reaches Temporal';

/** What every client, worker and workflow makes failures with. */
export const failureConverter = new SealedFailureConverter();
