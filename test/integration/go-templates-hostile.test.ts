import { afterAll, describe, expect, it } from 'vitest';
import { toolPath } from '../../local/tools.ts';
import { createGoTemplates, defaultTemplateLimits } from '../../platform/gotemplate/gotemplate.ts';

const modulePath = await toolPath('gotemplate');
const templates = createGoTemplates(modulePath, { ...defaultTemplateLimits, milliseconds: 1000 });
/** For what runs into another limit first, however busy the machine is. */
const patient = createGoTemplates(modulePath, { ...defaultTemplateLimits, milliseconds: 30_000 });
const run = { seed: 'seed', time: new Date('2026-03-04T05:06:07Z') };
const secret = 'TOPSECRET';

afterAll(() => Promise.all([templates.close(), patient.close()]));

const text = (template: string) => ({ use: 'notification' as const, name: 'bad', text: template });
const deep = (count: number): string => `${'['.repeat(count)}${']'.repeat(count)}`;

/** What ends each: a limit of Go's own with its words, or ours with the name of the template. */
const memory = 'bad: needs more memory';
const time = 'bad: the template did not finish within';

const hostileTemplates: readonly (readonly [string, string, string])[] = [
  [
    'a loop that writes nothing',
    '{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}',
    time,
  ],
  ['a text of 2 GB', '{{ repeat 2000000000 "x" }}', memory],
  ['a text that doubles', '{{ $x := "a" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}', memory],
  ['a list of 100 million', '{{ range until 100000000 }}{{ end }}', memory],
  ['a negative length', '{{ repeat -1 "x" }}', 'error calling repeat'],
  [
    'endless recursion',
    '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}',
    'maximum template depth',
  ],
  ['brackets without end', `{{ ${'('.repeat(200_000)} }}`, 'max expression depth exceeded'],
  ['blocks without end', '{{ if 1 }}'.repeat(20_000), 'unexpected EOF'],
  ['an output of 100 MB', '{{ range until 100 }}{{ repeat 1000000 "x" }}{{ end }}', 'output is too long'],
  ['JSON nested deep', '{{ fromJson .deep }}', '<no value>'],
  ['a random text of 1 GB', '{{ randAlphaNum 1000000000 }}', memory],
  ['a random text of negative length', '{{ randAlphaNum -5 }}', 'error calling randAlphaNum'],
  ['an empty range of random numbers', '{{ randInt 5 5 }}', 'error calling randInt'],
  ['an index out of range', '{{ index .list 99 }}', 'out of range'],
  ['a dictionary that contains itself', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}', 'bad: '],
  [
    'a hash that takes minutes',
    '{{ derivePassword 1 "long" "p" "u" "s" }}{{ range until 10000 }}{{ bcrypt "p" }}{{ end }}',
    time,
  ],
];

const hostileExpressions: readonly (readonly [string, string, string])[] = [
  ['a range of a billion', 'sum(map(1..1000000000, # * 2))', 'memory budget exceeded'],
  ['a loop in loops', 'count(1..900000, count(1..900000, true) > 0)', ''],
  ['brackets without end', `${'('.repeat(100_000)}1`, ''],
  ['a call of what is no function', 'list(1)', ''],
];

describe('hostile Go templates', () => {
  it.each(hostileTemplates)('are ended: %s', async (_title, template, expected) => {
    const data = { deep: deep(100_000), list: [1], secret };
    const used = expected === time ? templates : patient;
    const rendered = await used.renderTemplate(text(template), data, run);
    expect('error' in rendered ? rendered.error.message : rendered.output).toContain(expected);
    expect(JSON.stringify(rendered).length).toBeLessThan(1_000_000);
    // The next call is answered, by the same module or a new one.
    expect(await used.renderTemplate(text('{{ .x }}'), { x: 1 }, run)).toEqual({ output: '1' });
  });

  it.each(hostileExpressions)('and expressions: %s', async (_title, expression, expected) => {
    const evaluated = await patient.evaluate(text(expression), { list: [1], secret }, run);
    expect(evaluated).toMatchObject({ error: { message: expect.stringContaining(expected) } });
    expect(await patient.renderTemplate(text('ok'), {}, run)).toEqual({ output: 'ok' });
  });

  it('never hold up the calls of others for longer than their time', async () => {
    const started = performance.now();
    const [stuck, next] = await Promise.all([
      templates.renderTemplate(
        text('{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}'),
        {},
        run,
      ),
      templates.renderTemplate(text('{{ .x }}'), { x: 'served' }, run),
    ]);
    expect(stuck).toHaveProperty('error');
    expect(next).toEqual({ output: 'served' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('find nothing of the calls before them', async () => {
    const owner = { data: { token: secret } };
    const writes =
      '{{ $_ := set .data "kept" .data.token }}{{ define "kept" }}TOPSECRET{{ end }}{{ $v := .data.token }}{{ $v }}';
    expect(await templates.renderTemplate(text(writes), owner, run)).toEqual({ output: secret });
    await templates.evaluate(text('data.token'), owner, run);
    await templates.renderTemplate(text('{{ fail .data.token }}'), owner, run);
    for (const look of [
      '{{ . }}',
      '{{ .data }}',
      '{{ $ }}',
      '{{ template "kept" }}',
      '{{ .kept }}',
      '{{ $v }}',
      '{{ .strings }}',
    ]) {
      const seen = await templates.renderTemplate(text(look), {}, run);
      expect(JSON.stringify(seen)).not.toContain(secret);
    }
    // The same text as the writer's, with other data: its kept tree holds no data.
    expect(await templates.renderTemplate(text(writes), { data: { token: 'mine' } }, run)).toEqual({
      output: 'mine',
    });
    // Within one call as well.
    const each = await templates.renderEach(
      text('{{ . | toJson }}{{ $_ := set . "x" "y" }}'),
      [{ a: 1 }, {}],
      run,
    );
    expect(JSON.stringify(each[1])).not.toContain('"x\\"');
  });

  it('see no file, environment or network', async () => {
    for (const look of [
      '{{ env "PATH" }}',
      '{{ getHostByName "a" }}',
      '{{ .Env }}',
      '{{ osBase "/etc/passwd" }}',
    ])
      expect(JSON.stringify(await templates.renderTemplate(text(look), {}, run))).not.toMatch(
        /root:|\/usr\/bin/,
      );
  });
});
