import { afterAll, describe, expect, it } from 'vitest';
import { toolPath } from '../../../local/obtain/tools.ts';
import {
  createGoTemplates,
  defaultTemplateLimits,
  type TemplateText,
} from '../../../platform/gotemplate/gotemplate.ts';

const modulePath = await toolPath('gotemplate');
const templates = createGoTemplates(modulePath, { ...defaultTemplateLimits, milliseconds: 1000 });
/** For what runs into another limit first, however busy the machine is. */
const patient = createGoTemplates(modulePath, { ...defaultTemplateLimits, milliseconds: 30_000 });
const run = { seed: 'seed', time: new Date('2026-03-04T05:06:07Z') };
const secret = 'TOPSECRET';

afterAll(() => Promise.all([templates.close(), patient.close()]));

const text = (template: string): TemplateText => ({ use: 'notification', name: 'bad', text: template });
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
  ['a message of 20 MB', '{{ fail (repeat 20000000 "x") }}', 'error calling fail: xxx'],
  [
    'a fact about 20 MB',
    '{{ call .repo.GetCommitMetadata (repeat 20000000 "x") }}',
    'argument is longer than 1000 bytes',
  ],
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
  ['a value nested deep', 'reduce(1..20000, [#acc], 0)', 'nested deeper than 500'],
  [
    'a value nested a little deeper than is allowed',
    'reduce(1..501, [#acc], "\\"]")',
    'nested deeper than 500',
  ],
  ['a division of nothing by nothing', '0 / 0', 'no data'],
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

  it('change nothing that others see', async () => {
    const writes =
      '{{ $_ := set .strings "Kept" .token }}{{ $_ = set .time "Kept" .token }}{{ $_ = set .repo "Kept" .token }}' +
      '{{ $_ = unset .strings "ToUpper" }}{{ $_ = mergeOverwrite .time (dict "Hour" 1) }}';
    expect(await templates.renderTemplate(text(writes), { token: secret }, run)).toEqual({ output: '' });
    const look =
      '{{ .strings.Kept }}{{ .time.Kept }}{{ .repo.Kept }} {{ call .strings.ToUpper "a" }} {{ .time.Hour }}';
    expect(await templates.renderTemplate(text(look), {}, run)).toEqual({
      output: '<no value><no value><no value> A 1h0m0s',
    });
    expect(await templates.evaluate(text('strings.Kept ?? "none"'), {}, run)).toEqual({ value: 'none' });
  });

  it('get no text of others by a name, an option or a text with NUL in it', async () => {
    const owner = { ...text(`b\0${secret}`), name: 'a' };
    expect(await templates.renderTemplate(owner, {}, run)).toEqual({ output: `b\0${secret}` });
    const thief = { ...text(secret.toLowerCase()), name: `a\0b` };
    await templates.renderTemplate(thief, {}, run);
    expect(await templates.renderTemplate({ ...thief, text: secret }, {}, run)).toEqual({ output: secret });
    const strict = { ...text('{{ .absent }}'), options: ['missingkey=error'] };
    await templates.renderTemplate(text('{{ .absent }}\0missingkey=error'), {}, run);
    expect(await templates.renderTemplate(strict, {}, run)).toHaveProperty('error');
    expect(
      await templates.renderTemplate({ ...strict, options: ['missingkey=zero\0'] }, {}, run),
    ).toMatchObject({
      error: { message: expect.stringContaining('unrecognized option') },
    });
  });

  it('learn neither the real time nor how long they run', async () => {
    const looks = [
      '{{ now }}',
      '{{ $a := now }}{{ range until 10000 }}{{ end }}{{ now.Sub $a }}',
      '{{ now | unixEpoch }}',
      '{{ ago now }}',
      '{{ date "15:04:05" "no time" }}',
      '{{ (call .time.Now) }}',
    ];
    const outputs = await Promise.all(looks.map((look) => templates.renderTemplate(text(look), {}, run)));
    expect(outputs).toEqual(
      [
        '2026-03-04 05:06:07 +0000 UTC',
        '0s',
        '1772600767',
        '0s',
        '05:06:07',
        '2026-03-04 05:06:07 +0000 UTC',
      ].map((output) => ({ output })),
    );
    expect(await templates.evaluate(text('[now().String(), string(now() - now())]'), {}, run)).toEqual({
      value: ['2026-03-04 05:06:07 +0000 UTC', '0s'],
    });
  });

  it('leave memory for others, however large their texts are', async () => {
    const tight = createGoTemplates(modulePath, {
      ...defaultTemplateLimits,
      maxPages: 1200,
      milliseconds: 30_000,
    });
    // Each takes some 20 MB when parsed, of 75 MB.
    for (let count = 0; count < 5; count++)
      expect(await tight.renderTemplate(text(`${'{{1}}'.repeat(40_000)}${count}`), {}, run)).toHaveProperty(
        'output',
      );
    await tight.close();
  });

  it('may write up to the limit, whatever the characters, after whatever was before', async () => {
    const limit = defaultTemplateLimits.maxOutput;
    for (const [character, bytes] of [
      ['<', 1],
      ['x', 1],
      ['€', 3],
    ] as const) {
      const count = Math.floor((limit - 100) / bytes);
      const rendered = await patient.renderTemplate(text(`{{ repeat ${count} "${character}" }}`), {}, run);
      expect('output' in rendered ? rendered.output.length : rendered).toBe(count);
    }
    expect(await patient.renderTemplate(text(`{{ repeat ${limit} "x" }}`), {}, run)).toMatchObject({
      error: { message: expect.stringContaining('output is too long') },
    });
    // Control characters take six bytes on their way.
    const control = await patient.renderTemplate(text(`{{ repeat ${limit / 4} "\\x01" }}`), {}, run);
    expect(control).toMatchObject({ error: { message: expect.stringContaining('output is too long') } });
  });

  it('are refused data that would end the process', async () => {
    const rendered = await patient.renderTemplate(text('ok'), { x: 'y'.repeat(200_000_000) }, run);
    expect(rendered).toMatchObject({ error: { message: expect.stringContaining('bad: data are larger') } });
    const most = { x: `${'y'.repeat(47_000_000)}€` };
    expect(await patient.renderTemplate(text('ok'), most, run)).toEqual({ output: 'ok' });
  });

  it('fail alone for data nested too deep', async () => {
    const nested = JSON.parse(deep(100_000));
    const rendered = await patient.renderEach(text('ok'), [1, nested, 2], run);
    expect(rendered).toMatchObject([
      { output: 'ok' },
      { error: { message: expect.stringContaining('nested too deep') } },
      { output: 'ok' },
    ]);
    const findFact = async (): Promise<unknown> => nested;
    const asks = text('{{ call .repo.GetAppDetails }}');
    expect(await patient.renderEach(asks, [{}, {}], { ...run, findFact })).toMatchObject([
      { error: { message: expect.stringContaining("request can't be read") } },
      { error: { message: expect.stringContaining("request can't be read") } },
    ]);
  });

  it.each([
    ['half a surrogate pair', '{{ .x }}\ud800', { x: '\udc00' }, '\ufffd\ufffd'],
    ['NUL', '{{ .x }}\0', { x: '\0' }, '\0\0'],
    ['bytes that are no text', '{{ "/w==" | b64dec }}', {}, '\ufffd'],
    ['line breaks', '{{ .x }}\n\u2028', { x: '\r\n' }, '\r\n\n\u2028'],
    ['names of prototypes', '{{ index . "__proto__" }}', JSON.parse('{"__proto__": 1}'), '1'],
  ])('write %s as text', async (_title, template, data, output) => {
    expect(await templates.renderTemplate(text(template), data, run)).toEqual({ output });
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
