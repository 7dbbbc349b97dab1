import { describe, expect, it } from 'vitest';
import { remember } from './remember.ts';

describe('core/remember', () => {
  it('makes an answer once, also one that is undefined, and forgets all when there are too many', () => {
    const made: string[] = [];
    const answers = remember<undefined>(2);
    const ask = (key: string) => answers(key, () => void made.push(key));
    for (const key of ['a', 'a', 'b', 'b', 'a']) ask(key);
    expect(made).toEqual(['a', 'b']);
    for (const key of ['c', 'c', 'a']) ask(key);
    expect(made).toEqual(['a', 'b', 'c', 'a']);
  });
});
