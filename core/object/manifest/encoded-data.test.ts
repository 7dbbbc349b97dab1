import { describe, expect, it } from 'vitest';
import { encodedDataProblem } from './encoded-data.ts';

const secret = (fields: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login' },
  ...fields,
});

describe('core/object/encoded-data', () => {
  it.each([
    ['base64', 'aHVudGVyMg=='],
    ['base64 in several lines', 'aHVu\nZGVy\r\nMg==\n'],
    ['nothing', ''],
    ['null', null],
  ])('has nothing to say of %s', (_, password) => {
    expect(encodedDataProblem(secret({ data: { password } }))).toBeUndefined();
  });

  it.each([
    ['plain text', 'hunter2'],
    ['base64 without its padding', 'aHVudGVyMg'],
    ['base64 of URLs', 'aHVudGV_Mg=='],
    ['padding in the middle', 'aA==aHVu'],
    ['a space', 'aHVu ZGVy'],
  ])('names the key of %s and no value', (_, password) => {
    expect(encodedDataProblem(secret({ data: { user: 'YQ==', password } }))).toBe(
      'data["password"] is no base64; encode it, or put the plain text under stringData',
    );
  });

  it('names the keys of values that are no texts, in data and beside it', () => {
    expect(encodedDataProblem(secret({ data: { port: 5432 } }))).toBe(
      'data["port"] is no text; put it in quotes',
    );
    expect(encodedDataProblem(secret({ stringData: { port: 5432, user: 'a' } }))).toBe(
      'stringData["port"] is no text; put it in quotes',
    );
  });

  it('names some of many', () => {
    const data = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key) => [key, '!']));
    expect(encodedDataProblem(secret({ data }))).toMatch(
      /^data\["a"\], .*data\["e"\] and 2 more is no base64/,
    );
  });

  it('looks at the bytes of ConfigMaps too, and at no other kind', () => {
    const configMap = { ...secret({ binaryData: { logo: '!' } }), kind: 'ConfigMap' };
    expect(encodedDataProblem(configMap)).toContain('put the plain text under data');
    const sealed = { ...secret({ data: { a: '!' } }), apiVersion: 'example.com/v1' };
    expect(encodedDataProblem(sealed)).toBeUndefined();
  });
});
