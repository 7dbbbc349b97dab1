import { describe, expect, it } from 'vitest';
import { readPolicy } from './lines.ts';

describe('core/rbac/lines', () => {
  it('reads grants and memberships, past comments and empty lines', () => {
    const read = readPolicy(
      'policy.csv',
      '# who\n\n  p, a, applications, get, */*, allow\r\np,b,"x,y",get,"q ""r""",deny\n\tg, "cn=a,dc=b", role:x\n',
    );
    expect(read.issues).toEqual([]);
    expect(read.grants).toEqual([
      {
        subject: 'a',
        resource: 'applications',
        action: 'get',
        object: '*/*',
        effect: 'allow',
        place: 'policy.csv:3',
      },
      {
        subject: 'b',
        resource: 'x,y',
        action: 'get',
        object: 'q "r"',
        effect: 'deny',
        place: 'policy.csv:4',
      },
    ]);
    expect(read.groups).toEqual([{ member: 'cn=a,dc=b', role: 'role:x' }]);
  });

  it.each([
    ['p, a, applications, get, */*', 'has 5 fields, not 6'],
    ['p, a, applications, get, */*, allow, more', 'has 7 fields, not 6'],
    ['p, a, applications, get, */*, Allow', 'has the effect "Allow"'],
    ['p, a, applications, get, */*, ', 'has the effect ""'],
    ['p, , applications, get, */*, allow', 'names no subject'],
    ['p, a , applications, get, */*, allow', 'has a blank after "a"'],
    ['p, a, applications, get, */* , deny', 'has a blank after "*/*"'],
    ['g, a', 'has 2 fields, not 3'],
    ['g, a, b, c', 'has 4 fields, not 3'],
    ['g, , b', 'gives nobody anything'],
    ['g, a, ', 'gives nobody anything'],
    ['p2, a, applications, get, */*, allow', 'begins with "p2"'],
    ['P, a, applications, get, */*, allow', 'begins with "P"'],
    ['"p, a, applications, get, */*, allow', 'has quotes that are not closed'],
    ['p, "a"b, applications, get, */*, allow', 'has quotes that are not closed'],
    ['p, a"b, applications, get, */*, allow', 'has quotes that are not closed'],
  ])('leaves out %s: %s', (line, why) => {
    const read = readPolicy('policy.csv', `g, x, y\n${line}\ng, y, z`);
    expect(read.groups).toHaveLength(2);
    expect(read.grants).toEqual([]);
    expect(read.issues).toHaveLength(1);
    expect(read.issues[0]?.path).toBe('policy.csv:2');
    expect(read.issues[0]?.message).toContain(why);
  });

  it('gives an empty object its place', () => {
    expect(readPolicy('x', 'p, a, certificates, get, , allow').grants[0]?.object).toBe('');
    expect(readPolicy('x', 'p, a, certificates, get, "", allow').grants[0]?.object).toBe('');
  });
});
