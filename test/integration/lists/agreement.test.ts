import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../core/rbac/decide.ts';
import { filterOf } from '../../../core/rbac/filter/filter.ts';
import { compilePolicy } from '../../../core/rbac/policy/compile.ts';
import { applicationObject } from '../../../core/rbac/request.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { projectsOfApplications } from '../../../db/queries/application/list/application-page.ts';
import { isCandidate } from '../../../db/queries/application/list/visible.ts';
import { applications } from '../../../db/schema/application.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { randomFrom } from '../../support/random/random.ts';
import {
  brokenPolicy,
  homeNamespace,
  type NamedRow,
  randomPolicy,
  randomRows,
  randomSubject,
} from '../../support/random/rbac-lists.ts';

const seed = Number(process.env['KEELSON_TEST_SEED'] ?? 24);
const random = randomFrom(seed);
let connection: DatabaseConnection;
let rows: readonly NamedRow[];

beforeAll(async () => {
  connection = await openTestDatabase();
  rows = randomRows(random, 10_000);
  await connection.db.execute(sql`
    insert into applications (namespace, name, project, spec)
    select namespace, name, project, '{}' from json_to_recordset(${JSON.stringify(rows)}::json)
      as row (namespace text, name text, project text)`);
});

afterAll(async () => {
  await connection?.close();
});

const objectOf = (row: NamedRow): string => applicationObject(row, homeNamespace);

describe('the filter of a list and the decision on each of its objects', () => {
  it('agree on random policies over 10,000 applications', async () => {
    expect(rows).toHaveLength(10_000);
    const projects = await projectsOfApplications(connection.db);
    expect(projects).toEqual([...new Set(rows.map(({ project }) => project))].sort());
    const seen = { granted: 0, inSql: 0, decided: 0, held: 0, some: 0 };
    for (let round = 0; round < 60; round += 1) {
      const mode = round % 6 === 5 ? 'regex' : 'glob';
      const first = compilePolicy(randomPolicy(random, mode));
      const policy =
        round % 3 === 2 ? compilePolicy(brokenPolicy(randomPolicy(random, mode), random), first) : first;
      const subject = randomSubject(random);
      const right = { resource: 'applications', action: 'get' };
      const filter = filterOf(policy, subject, right, projects);
      const { rows: found } = await connection.db.execute<NamedRow>(sql`
        select namespace, name, project from ${applications} where ${isCandidate(filter, homeNamespace)}`);
      const unclear = new Set(filter.undecided);
      const listed = found.map((row) =>
        !unclear.has(row.project) || filter.decides(objectOf(row)) ? objectOf(row) : '',
      );
      const decisions = rows.map((row) => decide(policy, subject, { ...right, object: objectOf(row) }));
      const granted = rows.filter((_, at) => decisions[at]?.allowed === true).map(objectOf);
      const differing = (one: readonly string[], other: readonly string[]): string[] => {
        const known = new Set(other);
        return one.filter((object) => object !== '' && !known.has(object)).slice(0, 3);
      };
      expect(
        { more: differing(listed, granted), less: differing(granted, listed) },
        `seed ${seed}, round ${round}, ${subject.name} of ${subject.groups.join()}`,
      ).toEqual({ more: [], less: [] });
      seen.granted += granted.length;
      seen.some += granted.length > 0 && granted.length < rows.length ? 1 : 0;
      seen.inSql += filter.clauses.length > 0 ? 1 : 0;
      seen.decided += filter.undecided.length > 0 ? 1 : 0;
      seen.held += decisions.some((one) => !one.allowed && one.held) ? 1 : 0;
    }
    // Each way has to be gone, or nothing is shown of it.
    process.stdout.write(`seed ${seed}: ${JSON.stringify(seen)}\n`);
    expect(seen.some).toBeGreaterThan(15);
    expect(seen.inSql).toBeGreaterThan(15);
    expect(seen.decided).toBeGreaterThan(2);
    expect(seen.held).toBeGreaterThan(2);
  });
});
