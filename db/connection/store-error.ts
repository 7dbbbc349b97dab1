/**
 * A statement that the database did not run, without what was in it: the driver's own error quotes values in its
 * message and detail, and the query builder's holds all parameters of the statement.
 */
export class StoreError extends Error {
  /** The code of PostgreSQL, or of Node.js where the connection failed. */
  readonly code: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;

  constructor(message: string, at: { code?: string; constraint?: string; table?: string } = {}) {
    super(message);
    this.code = at.code;
    this.constraint = at.constraint;
    this.table = at.table;
  }
}

/**
 * Classes of PostgreSQL's codes whose words are of connections, transactions, names and resources. Those of data and of
 * constraints quote values, and those of functions say what their authors like.
 */
const wordsWithoutValues = /^(08|25|40|42|53|55|57)[0-9A-Z]{3}$/;
const sqlState = /^[0-9A-Z]{5}$/;

/** What the driver says of a connection by itself; everything else of its own may quote a parameter. */
const driverWords =
  /^(Connection terminated|Client has encountered|Query read timeout|timeout exceeded when trying to connect|Cannot use a pool after)/;

/** The error of a statement as it may be passed on; what doesn't come from the database stays as it is. */
export function storeErrorOf(error: unknown): unknown {
  const isWrapped = error instanceof Error && 'query' in error && 'params' in error;
  const cause = isWrapped ? error.cause : error;
  if (!(cause instanceof Error) || cause instanceof StoreError) return cause;
  const code = textOf(cause, 'code');
  if (code !== undefined && 'syscall' in cause) return new StoreError(cause.message, { code });
  if (code !== undefined && 'severity' in cause && sqlState.test(code)) return refusal(cause, code);
  if (driverWords.test(cause.message)) return new StoreError(cause.message);
  if (!isWrapped) return cause;
  // Such as the several refusals of a name with several addresses, or a value that the driver can't write.
  return new StoreError(`database driver failed (${cause.name})`, code === undefined ? {} : { code });
}

function refusal(cause: Error, code: string): StoreError {
  const constraint = textOf(cause, 'constraint');
  const table = textOf(cause, 'table');
  const place = [code, constraint && `constraint ${constraint}`, table && `table ${table}`];
  const words = wordsWithoutValues.test(code) ? `: ${cause.message}` : '';
  return new StoreError(`database refused a statement (${place.filter(Boolean).join(', ')})${words}`, {
    code,
    ...(constraint === undefined ? {} : { constraint }),
    ...(table === undefined ? {} : { table }),
  });
}

function textOf(error: Error, field: string): string | undefined {
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : undefined;
}
