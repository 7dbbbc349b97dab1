import { describe, expect, it } from 'vitest';
import { resolveReference } from './reference.ts';

const values = { 'webhook.github.secret': 'a', 'other:key': 'b \n' };

describe('references to Secrets', () => {
  it.each([
    ['plain', { text: 'plain' }],
    ['$webhook.github.secret', { text: 'a' }],
    ['$other:key', { text: 'b' }],
    ['$key', { text: '$key', missing: 'key' }],
    ['$constructor', { text: '$constructor', missing: 'constructor' }],
    ['in $other:key', { text: 'in $other:key' }],
    ['$', { text: '$' }],
    ['', { text: '' }],
  ])('%s', (text, found) => {
    expect(resolveReference(text, values)).toEqual(found);
  });
});
