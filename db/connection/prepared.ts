import { createHash } from 'node:crypto';
import { createByteCache } from '../../core/byte-cache.ts';

/** Uses of a text after which it is worth a name: what runs once would only fill the connections' memory. */
const usesBeforeName = 3;
/** A long text is an insert of many rows, whose next run has another number of them. */
const longestText = 4000;
/** Texts that have not come often enough; some are never heard of again. */
const countedBytes = 1024 * 1024;
/** Each prepared statement holds some 20 kB in each connection. */
const mostNames = 200;

/**
 * Says by which name a statement that is used now is to be prepared, undefined while it isn't worth one. A process
 * repeats its statements, and by its name Postgres parses and plans each of them once a connection and not at every run:
 * about half of the cost of a small statement.
 */
export function createStatementNames(): (text: string) => string | undefined {
  const uses = createByteCache<number>(countedBytes);
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= mostNames || text.length > longestText) return known;
    const used = (uses.get(text) ?? 0) + 1;
    uses.set(text, used, 0);
    if (used < usesBeforeName) return undefined;
    uses.delete(text);
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
    names.set(text, name);
    return name;
  };
}
