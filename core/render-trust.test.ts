import { describe, expect, it } from 'vitest';
import { leftOutWarning, whyUntrusted } from './render-trust.ts';

const issue = (file: string) => ({
  ...{ path: `${file}:3`, message: 'is not valid YAML: a quote is missing', file, document: 1, line: 3 },
});

describe('core/render-trust', () => {
  it('doubts a render by the warning about what was left out, and by no other', () => {
    const warning = leftOutWarning(issue('a.yaml'));
    expect(warning).toMatch(/^left out, .*a\.yaml:3 is not valid YAML: .*directory\.exclude/);
    const reason = 'the source could not be read in full: a.yaml:3 is not valid YAML: a quote is missing';
    expect(whyUntrusted(['walk.go:74: found symbolic link', warning])).toBe(reason);
    expect(whyUntrusted([warning, leftOutWarning(issue('b.yaml'))])).toBe(`${reason} and 1 more`);
    expect(whyUntrusted(['coalesce.go:286: warning: cannot overwrite table'])).toBeUndefined();
  });
});
