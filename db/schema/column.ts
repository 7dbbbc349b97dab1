import { customType } from 'drizzle-orm/pg-core';
import { formatJson } from '../../core/object/json/json.ts';

/** Raw bytes; drizzle has no column type of its own for them. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({
  dataType() {
    return 'bytea';
  },
});

/**
 * A JSON value whose numbers keep their digits; drizzle's own column refuses a whole number beyond 2^53. They are read
 * where every JSON value of a query is: by the parser that the client sets.
 */
export const jsonb = customType<{ data: unknown; driverData: unknown }>({
  dataType() {
    return 'jsonb';
  },
  toDriver: (value) => formatJson(value),
});
