import { z } from 'zod';
import { isFields } from '../../object/manifest/check-manifest.ts';

/**
 * Fields whose names somebody else chooses. What zod makes of a record loses `__proto__`, a name as any other to who
 * reads the fields in the end; here the value stays the one that was read.
 */
export const fieldsOfAnyName: z.ZodType<Record<string, unknown>> = z
  .any()
  .superRefine((value, context) => {
    if (!isFields(value)) refuse(value, context);
  })
  .meta({ type: 'object', propertyNames: { type: 'string' }, additionalProperties: {} });

/** The same for fields that are texts. */
export const textsOfAnyName: z.ZodType<Record<string, string>> = z
  .any()
  .superRefine((value, context) => {
    if (!isFields(value)) {
      refuse(value, context);
      return;
    }
    for (const [name, text] of Object.entries(value)) {
      if (typeof text !== 'string')
        context.addIssue({ code: 'invalid_type', expected: 'string', path: [name], input: text });
    }
  })
  .meta({ type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'string' } });

function refuse(input: unknown, context: z.RefinementCtx): void {
  context.addIssue({ code: 'invalid_type', expected: 'record', input });
}
