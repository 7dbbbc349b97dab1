import { DefaultFailureConverter } from '@temporalio/common';

/** Moves messages and stack traces of failures into a payload, where the codec seals them. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
