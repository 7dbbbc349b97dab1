import { describe, expect, it } from 'vitest';
import { formatJson, parseJson } from './json.ts';
import { jsonPatch } from './json-patch.ts';

const target = { spec: { list: ['a', 'b'], number: 9_007_199_254_740_993n, gone: null }, 'a/b': { '~': 1 } };

describe('core/object/json-patch', () => {
  it.each<[string, unknown, object]>([
    ['add', [{ op: 'add', path: '/spec/list/1', value: 'x' }], { spec: { list: ['a', 'x', 'b'] } }],
    [
      'add at the end',
      [{ op: 'add', path: '/spec/list/-', value: 'x' }],
      { spec: { list: ['a', 'b', 'x'] } },
    ],
    ['replace', [{ op: 'replace', path: '/spec/list', value: {} }], { spec: { list: {} } }],
    ['remove', [{ op: 'remove', path: '/spec/list/0' }], { spec: { list: ['b'] } }],
    ['move', [{ op: 'move', from: '/spec/list', path: '/moved' }], { moved: ['a', 'b'] }],
    ['copy', [{ op: 'copy', from: '/spec/number', path: '/copied' }], { copied: 9_007_199_254_740_993n }],
    ['test', [{ op: 'test', path: '/spec/number', value: 9_007_199_254_740_993n }], {}],
    ['escaped names', [{ op: 'replace', path: '/a~1b/~0', value: 2 }], { 'a/b': { '~': 2 } }],
    ['null', [{ op: 'test', path: '/spec/gone', value: null }], {}],
    ['nothing', [], {}],
  ])('does %s', (_, patch, expected) => {
    expect(jsonPatch(target, patch)).toMatchObject(expected);
  });

  it('keeps every digit of a number, and what it is given', () => {
    const before = structuredClone(target);
    const patch = parseJson('[{"op":"add","path":"/spec/n","value":9007199254740995}]');
    expect(jsonPatch(target, patch)).toMatchObject({ spec: { n: 9_007_199_254_740_995n } });
    expect(target).toEqual(before);
  });

  it.each([
    ['{}', 'patch is no JSON patch'],
    ['[{"op":"delete","path":"/a"}]', 'patch is no JSON patch'],
    ['[{"op":"remove","path":"/nothing"}]', 'patch[0] (remove "/nothing") names what is not there'],
    ['[{"op":"replace","path":"/spec/nothing","value":1}]', 'names what is not there'],
    ['[{"op":"add","path":"/no/where","value":1}]', 'names what is not there'],
    ['[{"op":"add","path":"/spec/list/7","value":1}]', 'names what is not there'],
    ['[{"op":"replace","path":"/spec/list/-1","value":1}]', 'is no position in a list'],
    ['[{"op":"replace","path":"/spec/list/1e0","value":1}]', 'is no position in a list'],
    ['[{"op":"replace","path":"","value":{}}]', 'does not begin with a slash'],
    ['[{"op":"add","path":"/a"}]', 'has no value'],
    ['[{"op":"move","path":"/a"}]', 'has no from'],
    ['[{"op":"add","path":"/__proto__/x","value":1}]', 'names what is not there'],
    ['[{"op":"remove","path":"/toString"}]', 'names what is not there'],
    ['[{"op":"copy","from":"/valueOf","path":"/a"}]', 'names what is not there'],
    ['[{"op":"test","path":"/spec/number","value":9007199254740992}]', 'finds another value'],
    ['[{"op":"test","path":"/a~1b/~0","value":"1"}]', 'finds another value'],
  ])('refuses %s', (patch, message) => {
    expect(() => jsonPatch(target, parseJson(patch))).toThrow(message);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'reaches a field named %s as any other',
    (name) => {
      const operations = [
        { op: 'add', path: `/spec/${name}`, value: parseJson(`{"${name}": {"a": 1}}`) },
        { op: 'test', path: `/spec/${name}/${name}/a`, value: 1 },
        { op: 'replace', path: `/spec/${name}/${name}/a`, value: 2 },
        { op: 'copy', from: `/spec/${name}`, path: '/copied' },
        { op: 'remove', path: `/copied/${name}/a` },
      ];
      const patched = jsonPatch(parseJson('{"spec": {}}'), parseJson(formatJson(operations)));
      expect(patched).toEqual(
        parseJson(`{"spec": {"${name}": {"${name}": {"a": 2}}}, "copied": {"${name}": {}}}`),
      );
      expect(formatJson(patched)).toContain(`{"${name}":{"${name}":{"a":2}}}`);
    },
  );

  it.each([
    '/__proto__/polluted',
    '/spec/toString/polluted',
    '/spec/hasOwnProperty/polluted',
    '/spec/list/push/polluted',
    '/spec/list/concat/polluted',
    '/spec/list/0/concat/polluted',
    '/spec/constructor/prototype/polluted',
  ])('writes nothing into functions and prototypes of JavaScript: %s', (path) => {
    for (const op of ['add', 'replace', 'copy', 'move']) {
      const patch = [{ op, path, from: '/spec/number', value: 1 }];
      expect(() => jsonPatch(target, patch), op).toThrow('names what is not there');
    }
    const shared = [Object.prototype, Array.prototype, String.prototype, Object, Function.prototype].flatMap(
      (one) => Object.values(Object.getOwnPropertyDescriptors(one)).flatMap(({ value }) => [one, value]),
    );
    expect(shared.filter((one) => one instanceof Object && Object.hasOwn(one, 'polluted'))).toEqual([]);
  });

  it('refuses copies that double until nothing is left', () => {
    const doubling = Array.from({ length: 60 }, (_, at) => ({ op: 'copy', from: '/a', path: `/a/${at}` }));
    expect(() => jsonPatch({ a: { x: 'text' } }, doubling)).toThrow('copies more than');
  });
});
