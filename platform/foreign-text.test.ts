import { describe, expect, it } from 'vitest';
import { readDocuments } from '../core/yaml/read.ts';
import { foreignText } from './foreign-text.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('platform/foreign-text', () => {
  it('gives UTF-8 as it is, signs of replacement among it', () => {
    expect(foreignText(Buffer.from('a: \ufffd caf\u00e9'))).toBe('a: \ufffd caf\u00e9');
  });

  it('lets no reader of YAML take what is no UTF-8 for a value', () => {
    const problem = 'is not valid YAML: what stands here is no UTF-8; write the file as UTF-8';
    expect(readDocuments(foreignText(latin1('a: 1\nb: caf\u00e9\n')), 'manifests')).toEqual([
      { line: 2, problem },
    ]);
  });

  it('has in JSON the sign that Go puts there', () => {
    const text = foreignText(latin1('{"a": "caf\u00e9"}'));
    expect(readDocuments(text, 'manifests')).toMatchObject([{ value: { a: 'caf\ufffd' } }]);
  });
});
