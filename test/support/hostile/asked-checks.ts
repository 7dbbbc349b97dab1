import type { TestApi } from '../keelson/api/api.ts';

/** What pushes have asked for since this was called last. */
export type AskedChecks = {
  /** Addresses of the repositories that are due, in order. */
  readonly urls: readonly string[];
  /** How many applications each push concerned, in the order of the pushes. */
  readonly applications: readonly number[];
};

/** Reads which repositories pushes have made due, and makes them due no longer. */
export async function takeAskedChecks({ connection: { pool } }: TestApi): Promise<AskedChecks> {
  const due = await pool.query<{ url: string }>(
    `update repositories set next_due_at = now() + interval '1 day' where next_due_at <= now() returning url`,
  );
  const pushes = await pool.query<{ applications: number }>(
    `with taken as (update audit set action = 'taken' where action = 'webhook.push' returning id, details)
     select (details ->> 'applications')::int as applications from taken order by id`,
  );
  return {
    urls: due.rows.map(({ url }) => url).sort(),
    applications: pushes.rows.map(({ applications }) => applications),
  };
}
