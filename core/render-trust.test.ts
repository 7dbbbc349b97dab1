import { describe, expect, it } from 'vitest';
import type { Doubt } from './object/manifest/read-manifests.ts';
import { doubtWarning, passedOverWarning, whyUntrusted } from './render-trust.ts';

const doubtAbout = (file: string, doubt: Doubt['doubt']): Doubt => ({
  ...{
    path: `${file}:3`,
    message: 'is not valid YAML: a quote is missing',
    file,
    document: 1,
    line: 3,
    doubt,
  },
});

describe('core/render-trust', () => {
  it('doubts a render by the warning about what was left out or passed over, and by no other', () => {
    const warning = doubtWarning(doubtAbout('a.yaml', 'left out'));
    expect(warning).toMatch(/^left out, .*a\.yaml:3 is not valid YAML: .*directory\.exclude/);
    const reason = 'the source could not be read in full: a.yaml:3 is not valid YAML: a quote is missing';
    expect(whyUntrusted(['walk.go:74: found symbolic link', warning])).toBe(reason);
    const passedOver = doubtWarning(doubtAbout('b.yaml', 'passed over'));
    expect(passedOver).toMatch(/^passed over, as kubectl does: b\.yaml:3 .*Nothing is pruned meanwhile/);
    expect(whyUntrusted([warning, passedOver])).toBe(`${reason} and 1 more`);
    expect(whyUntrusted([passedOver, warning])).toMatch(/in full: b\.yaml:3 .* and 1 more$/);
    expect(whyUntrusted(['coalesce.go:286: warning: cannot overwrite table'])).toBeUndefined();
  });

  it('doubts a render whose options were not read to their end', () => {
    const warning = passedOverWarning('.argocd-source.yaml', 4);
    expect(whyUntrusted([warning])).toBe(
      'the source could not be read in full: .argocd-source.yaml:4 stands behind the end of the document; ' +
        'remove it, or move it before',
    );
  });
});
