import { describe, expect, it } from 'vitest';
import type { ApplicationSpec } from '../spec/spec.ts';
import {
  joinNamed,
  joinRevisions,
  nameRevisions,
  requestedRevisions,
  shortRevisions,
  shownRevisions,
  splitRevisions,
} from './revisions.ts';

const sha = '0123456789abcdef0123456789abcdef01234567';
const source = { repoURL: 'https://host/r', path: '.' };
const single: ApplicationSpec = { project: 'default', source, destination: { name: 'c' } };
const listed: ApplicationSpec = { ...single, sources: [source] };

describe('core/application/revisions', () => {
  it('joins the revisions of all sources and takes them apart again', () => {
    const revisions = [sha, '1.2.3', 'sha256:abc'];
    expect(splitRevisions(joinRevisions(revisions))).toEqual(revisions);
    expect(joinRevisions([sha])).toBe(sha);
  });

  it('shortens commits and nothing else', () => {
    expect(shortRevisions(`${sha},1.2.3,${sha}`)).toBe('0123456, 1.2.3, 0123456');
  });

  it('names them as the form of the spec wants, also for a list of one', () => {
    expect(nameRevisions(single, 'a')).toEqual({ revision: 'a' });
    expect(nameRevisions(listed, 'a')).toEqual({ revisions: ['a'] });
    expect(nameRevisions({ ...listed, sources: [] }, 'a')).toEqual({ revision: 'a' });
    expect(nameRevisions(listed, null)).toEqual({});
  });

  it('reads what a request asks for by position', () => {
    expect(requestedRevisions({ revision: 'v1' })).toEqual(['v1']);
    expect(requestedRevisions({ revisions: ['', 'v1'] })).toEqual(['', 'v1']);
    expect(requestedRevisions({})).toEqual([]);
    expect(joinNamed({ revisions: ['a', 'b'] })).toBe('a,b');
    expect(joinNamed({})).toBeUndefined();
    expect(shownRevisions({ revisions: [sha, '1.2.3'] })).toBe('0123456, 1.2.3');
    expect(shownRevisions({})).toBeUndefined();
  });
});
