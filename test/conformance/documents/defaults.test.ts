import { describe, expect, it } from 'vitest';
import { Config } from '../../../platform/config.ts';
import { read } from './documents.ts';

type Row = readonly [name: string, said: string];

/** The rows of the tables of variables that the roles read: name and default. */
const rows: readonly Row[] = [
  ...read('docs/operate/configuration.md').matchAll(/^\| `(KEELSON_[A-Z_]+)` \| ([^|]+) \|/gm),
]
  .map(([, name = '', said = '']): Row => [name, said.trim()])
  .filter(([name]) => name in Config.shape);

const required = { KEELSON_DATABASE_URL: 'postgresql://db', KEELSON_ENCRYPTION_KEY: 'key' };
const defaults: Readonly<Record<string, unknown>> = Config.parse(required);

/** The default as a document writes it. */
function written(value: unknown): string {
  const isNothing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  return isNothing ? 'none' : `\`${Array.isArray(value) ? value.join(',') : String(value)}\``;
}

describe('defaults in the list of variables', () => {
  it('are there for every variable but those that are explained elsewhere', () => {
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.map(([name]) => name)).toEqual([...new Set(rows.map(([name]) => name))]);
  });

  // Those in angle brackets are made of the machine or of other variables; words say what holds without a value.
  const exact = rows.filter(([, said]) => said === 'none' || /^`[^<>`]+`$/.test(said));

  it.each(exact)('%s: %s', (name, said) => {
    expect(written(defaults[name])).toBe(said);
  });

  it.each(rows.filter(([, said]) => said === 'required'))('%s is required', (name) => {
    expect(Config.safeParse({ ...required, [name]: undefined }).success).toBe(false);
  });
});
