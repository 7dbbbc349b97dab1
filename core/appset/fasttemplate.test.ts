import { describe, expect, it } from 'vitest';
import { fillPlaceholders } from './fasttemplate.ts';

const parameters = {
  name: 'web',
  'path.basename': 'shop',
  'path[0]': 'apps',
  empty: '',
  count: 3,
  html: '<a>&',
};

describe('core/appset/fasttemplate', () => {
  it.each([
    ['puts a parameter in', '{{name}}-app', 'web-app'],
    ['puts one in however it is spaced', '{{   name\t}}', 'web'],
    ['knows names with dots and brackets', '{{path.basename}}/{{path[0]}}', 'shop/apps'],
    ['puts an empty text in', '[{{empty}}]', '[]'],
    ['escapes nothing', '{{html}}', '<a>&'],
    ['leaves an unknown name as it is written', 'a {{ nope }} b', 'a {{ nope }} b'],
    ['leaves a parameter that is no text', '{{count}}', '{{count}}'],
    ['leaves an empty placeholder', '{{}} {{ }}', '{{}} {{ }}'],
    ['leaves names that every object has', '{{constructor}}', '{{constructor}}'],
    ['does not look into what it put in', '{{a}}', '{{name}}', { a: '{{name}}' }],
    ['ends a placeholder at the first end', '{{name}}}', 'web}'],
    ['takes an opening within a placeholder for its name', '{{ {{name}}', '{{ {{name}}'],
    ['leaves a text without a whole placeholder', 'if {{ is open', 'if {{ is open'],
    ['leaves a placeholder over two lines when there is no other', '{{name\n}}', '{{name\n}}'],
    ['fills a placeholder over two lines beside another', '{{name\n}} {{name}}', 'web web'],
  ])('%s', (_title, text, expected, own: Record<string, unknown> = parameters) => {
    expect(fillPlaceholders(text, own)).toBe(expected);
  });

  it('refuses an opening without an end beside a placeholder', () => {
    expect(() => fillPlaceholders('{{name}} {{', parameters)).toThrow('has no }} after it; close it');
  });
});
