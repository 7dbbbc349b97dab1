import { describe, expect, it } from 'vitest';
import { readReply, schemaOf } from './read-reply.ts';

const from = { server: 'http://keelson', path: 'api/v1/x' };
const tree = schemaOf('ResourceTree');

describe('a reply', () => {
  it('is read by the contract', () => {
    const text =
      '{"nodes":[{"group":"","version":"v1","kind":"Pod","namespace":"n","name":"a","uid":"u","parentRefs":[],"info":[],"images":[]}],"orphanedNodes":[],"hosts":[]}';
    expect(readReply(tree, { ...from, text }).nodes.map(({ name }) => name)).toEqual(['a']);
  });

  it.each(['{}', '{"nodes":null,"hosts":null}'])('has empty lists where %s says nothing', (text) => {
    expect(readReply(tree, { ...from, text })).toEqual({ nodes: [], orphanedNodes: [], hosts: [] });
  });

  it('keeps fields of an application that nobody here knows', () => {
    const text =
      '{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"a"},"spec":{"destination":{},"project":"p","later":1}}';
    expect(readReply(schemaOf('Application'), { ...from, text }).spec).toMatchObject({ later: 1 });
  });

  it('is refused with the field that does not fit', () => {
    const read = () => readReply(tree, { ...from, text: '{"nodes":[{"kind":"Pod"}]}' });
    expect(read).toThrow(/^server http:\/\/keelson answered \/api\/v1\/x in an unknown form at nodes\.0\./);
  });

  it('is refused when it is no JSON', () => {
    const read = () => readReply(tree, { ...from, text: '<html>' });
    expect(read).toThrow(/answered \/api\/v1\/x with something that is not JSON/);
  });
});
