import { afterAll, describe, expect, it } from 'vitest';
import { toolPath } from '../../../local/obtain/tools.ts';
import {
  createGoTemplates,
  type FactRequest,
  type RunOptions,
  type TemplateText,
} from '../../../platform/gotemplate/gotemplate.ts';

const templates = createGoTemplates(await toolPath('gotemplate'));
const run: RunOptions = { seed: 'seed', time: new Date('2026-03-04T05:06:07Z') };

afterAll(() => templates.close());

const set = (text: string, options: readonly string[] = []): TemplateText => ({
  use: 'applicationSet',
  name: 'set',
  text,
  options,
});
const notice = (text: string): TemplateText => ({ use: 'notification', name: 'notice', text });
const link = (text: string): TemplateText => ({ use: 'deepLink', name: 'link', text });

type Case = readonly [title: string, text: string, data: unknown, expected: string];

const values: readonly Case[] = [
  ['a small number without a point', '{{ .n }}', { n: 3 }, '3'],
  ['a fraction as it is', '{{ .n }}', { n: 0.5 }, '0.5'],
  ['a large number in its exponent, since all are floats', '{{ .n }}', { n: 10_000_000 }, '1e+07'],
  ['a large number in digits when made a whole one', '{{ .n | int64 }}', { n: 10_000_000 }, '10000000'],
  [
    'a number beyond 53 bits as the nearest float',
    '{{ .n | printf "%.0f" }}',
    { n: 9007199254740993n },
    '9007199254740992',
  ],
  ['a number as a float to printf', '{{ printf "%T" .n }}', { n: 1 }, 'float64'],
  ['null as a value that is none', '{{ .x }}', { x: null }, '<no value>'],
  ['null as false', '{{ if .x }}yes{{ else }}no{{ end }}', { x: null }, 'no'],
  ['a name that is absent as no value', '{{ .absent }}', {}, '<no value>'],
  ['an absent name within an absent one as no value', '{{ with .a }}{{ .b }}{{ end }}', {}, ''],
  ['booleans', '{{ .on }} {{ not .on }}', { on: true }, 'true false'],
  ['a map in the order of its keys', '{{ .m }}', { m: { b: 1, a: 2 } }, 'map[a:2 b:1]'],
  [
    'the entries of a map in the order of keys',
    '{{ range $k, $v := .m }}{{ $k }}{{ $v }}{{ end }}',
    { m: { z: 1, a: 2 } },
    'a2z1',
  ],
  ['lists', '{{ .l }} {{ len .l }} {{ index .l 1 }}', { l: ['x', 'y'] }, '[x y] 2 y'],
  ['keys with dashes by index', '{{ index .m "a-b" }}', { m: { 'a-b': 'v' } }, 'v'],
  ['texts without escaping', '{{ .t }}', { t: '<a>&"\u2028' }, '<a>&"\u2028'],
  ['characters beyond ASCII', '{{ .t | upper }} {{ len .t }}', { t: 'größe' }, 'GRÖßE 7'],
  ['a time in data as text', '{{ .t }}', { t: '2026-01-02T03:04:05Z' }, '2026-01-02T03:04:05Z'],
  ['an empty text as false', '{{ .t | default "d" }}', { t: '' }, 'd'],
  ['zero as false', '{{ .n | default 5 }}', { n: 0 }, '5'],
  ['data that is a list', '{{ index . 0 }}', ['first'], 'first'],
  ['data that is no map at all', '{{ . }}', 'text', 'text'],
];

const functions: readonly Case[] = [
  ['normalize', '{{ "Feature/ABC_1." | normalize }}', {}, 'feature-abc-1'],
  ['normalize, cut to the length of a name', '{{ repeat 300 "a" | normalize | len }}', {}, '253'],
  ['slugify', '{{ "Über größe, und mehr" | slugify }}', {}, 'uber-grosse-und-mehr'],
  [
    'slugify to 50 characters at the end of a word',
    '{{ repeat 12 "word " | slugify }}',
    {},
    'word-word-word-word-word-word-word-word-word-word',
  ],
  ['slugify with a length', '{{ slugify 7 "hello world" }}', {}, 'hello'],
  ['slugify in the middle of a word', '{{ slugify 7 false "hello world" }}', {}, 'hello-w'],
  [
    'slugify again with its own length',
    '{{ slugify 3 false "hello" }}{{ slugify "hello world" }}',
    {},
    'helhello-world',
  ],
  ['toYaml, keys in order', '{{ toYaml .m }}', { m: { b: [1], a: 'x' } }, 'a: x\nb:\n- 1'],
  [
    'toYaml with quotes where they are needed',
    '{{ toYaml .m }}',
    { m: { on: 'yes', m: '1' } },
    'm: "1"\n"on": "yes"',
  ],
  ['fromYaml', '{{ (fromYaml "a: {b: 1}").a.b }}', {}, '1'],
  ['fromYamlArray', '{{ index (fromYamlArray "[x, z]") 1 }}', {}, 'z'],
  [
    'YAML as the reference reads it, where y is true',
    '{{ fromYamlArray "[y, no, 1_0]" }}',
    {},
    '[true false 10]',
  ],
  ['fromYaml of what toYaml wrote', '{{ (toYaml . | fromYaml).a }}', { a: 'x' }, 'x'],
  ['sprig on texts', '{{ "a-b" | replace "-" "_" | upper | quote }}', {}, '"A_B"'],
  ['sprig on lists', '{{ list 3 1 2 | sortAlpha | join "," }}', {}, '1,2,3'],
  ['sprig on dictionaries', '{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $d }}', {}, 'map[a:1 b:2]'],
  ['keys in order', '{{ keys . | join "," }}', { c: 1, a: 2, b: 3 }, 'a,b,c'],
  ['values in the order of their keys', '{{ values . | join "," }}', { c: 1, a: 2, b: 3 }, '2,3,1'],
  ['arithmetic on floats', '{{ add .n 1 }} {{ div 7 2 }}', { n: 2 }, '3 3'],
  ['semantic versions', '{{ semverCompare ">=1.2.0" "1.3.0" }}', {}, 'true'],
  ['regular expressions in linear time', '{{ regexReplaceAll "(a+)+" "aaaa!" "x" }}', {}, 'x!'],
  ['hashes', '{{ "a" | sha256sum | trunc 8 }}', {}, 'ca978112'],
  ['absent names with a default', '{{ dig "a" "b" "d" . }} {{ get .a "x" | default "e" }}', { a: {} }, 'd e'],
  ['comparison of numbers made whole', '{{ if eq (int .n) 1 }}{{ gt .n 0.5 }}{{ end }}', { n: 1 }, 'true'],
  ['merged dictionaries', '{{ merge .a .b }}', { a: { x: 1 }, b: { x: 2, y: 3 } }, 'map[x:1 y:3]'],
  [
    'YAML for a patch',
    '{{- range .files }}\n- {{ . | quote }}\n{{- end }}{{ .v | toYaml | nindent 2 }}',
    { files: ['a'], v: { n: 12345678901, s: 'x: y' } },
    '\n- "a"\n  "n": 12345678901\n  s: \'x: y\'',
  ],
  ['JSON', '{{ toJson . }} {{ (fromJson "{\\"a\\":[1]}").a }}', { a: 1 }, '{"a":1} [1]'],
  ['the given time', '{{ now | date "2006-01-02 15:04:05" }}', {}, '2026-03-04 05:06:07'],
  ['a zone without a file system', '{{ dateInZone "15:04" now "Asia/Tokyo" }}', {}, '14:06'],
  ['the age of a moment', '{{ ago (toDate "2006-01-02T15:04:05Z" "2026-03-04T05:06:00Z") }}', {}, '7s'],
];

const notices: readonly Case[] = [
  ['texts', '{{ call .strings.ReplaceAll "a.b" "." "-" }}', {}, 'a-b'],
  ['cases', '{{ call .strings.ToUpper "a" }}{{ call .strings.ToLower "B" }}', {}, 'Ab'],
  ['the given time', '{{ (call .time.Now).Format .time.RFC3339 }}', {}, '2026-03-04T05:06:07Z'],
  [
    'a parsed time',
    '{{ ((call .time.Parse .at).Add .time.Hour).Format .time.Kitchen }}',
    { at: '2026-01-02T03:04:05Z' },
    '4:04AM',
  ],
  [
    'the web address of a short SSH address',
    '{{ call .repo.RepoURLToHTTPS "git@github.com:acme/shop.git" }}',
    {},
    'https://github.com/acme/shop.git',
  ],
  [
    'the web address without a password',
    '{{ call .repo.RepoURLToHTTPS "https://u:p@git.example.com/a/b" }}',
    {},
    'https://git.example.com/a/b',
  ],
  [
    'the web address of an ssh:// address',
    '{{ call .repo.RepoURLToHTTPS "ssh://git@git.example.com/a/b" }}',
    {},
    'https://git.example.com/a/b',
  ],
  [
    'owner and name',
    '{{ call .repo.FullNameByRepoURL "https://github.com/acme/shop.git" }}',
    {},
    'acme/shop',
  ],
  [
    'owner and name of a short SSH address',
    '{{ call .repo.FullNameByRepoURL "git@github.com:acme/shop" }}',
    {},
    'acme/shop',
  ],
  ['texts for a query', '{{ call .repo.QueryEscape "a b&c" }}', {}, 'a+b%26c'],
  [
    'data beside the helpers',
    '{{ .app.metadata.name }} {{ .context.url }}',
    { app: { metadata: { name: 'web' } }, context: { url: 'x' } },
    'web x',
  ],
];

const faults: readonly (readonly [
  string,
  TemplateText,
  unknown,
  string,
  number | undefined,
  number | undefined,
])[] = [
  ['an action without an end', set('a\n{{ .x'), {}, 'template: set:2: unclosed action', 2, undefined],
  ['a function that is unknown', set('{{ nope }}'), {}, 'function "nope" not defined', 1, undefined],
  ['environment variables', set('{{ env "HOME" }}'), {}, 'function "env" not defined', 1, undefined],
  [
    'expanded variables',
    notice('{{ expandenv "$HOME" }}'),
    {},
    'function "expandenv" not defined',
    1,
    undefined,
  ],
  [
    'host names',
    link('{{ getHostByName "localhost" }}'),
    {},
    'function "getHostByName" not defined',
    1,
    undefined,
  ],
  [
    'functions of sets in links',
    link('{{ normalize "A" }}'),
    {},
    'function "normalize" not defined',
    1,
    undefined,
  ],
  [
    'functions of sets in notifications',
    notice('{{ toYaml . }}'),
    {},
    'function "toYaml" not defined',
    1,
    undefined,
  ],
  [
    'a missing name, if asked for',
    set('x {{ .a }}', ['missingkey=error']),
    {},
    'map has no entry for key "a"',
    1,
    5,
  ],
  [
    'a missing name of data that is nothing',
    set('{{ .a }}', ['missingkey=error']),
    null,
    'nil data; no entry for key "a"',
    1,
    3,
  ],
  ['a field of a text', set('line\n  {{ .a.b }}'), { a: 'x' }, "can't evaluate field b", 2, 7],
  [
    'an option that is unknown',
    set('x', ['missingkey=never']),
    {},
    'unrecognized option: missingkey=never',
    undefined,
    undefined,
  ],
  ['a slug of a number', set('{{ slugify 5 }}'), {}, 'slugify: 5 is no text', 1, 3],
  ['YAML that is none', set('{{ fromYaml "a: [" }}'), {}, 'error calling fromYaml', 1, 3],
  ['a time that is none', notice('{{ call .time.Parse "soon" }}'), {}, 'cannot parse "soon"', 1, 3],
  [
    'an address that is none',
    notice('{{ call .repo.RepoURLToHTTPS .url }}'),
    { url: 'https://u:geheim@h:x/%zz' },
    "repository address can't be read",
    1,
    3,
  ],
  [
    'a name that looks like a place',
    { ...set('\n{{ .a.b }}'), name: 'set:7: x\ny' },
    { a: 'x' },
    "can't evaluate field b",
    2,
    5,
  ],
  [
    'an absent name although it has a default, if asked for',
    set('{{ .a.b | default "d" }}', ['missingkey=error']),
    { a: {} },
    'map has no entry for key "b"',
    1,
    5,
  ],
  [
    'a whole number beside a number of data',
    set('{{ if eq .n 1 }}{{ end }}'),
    { n: 1 },
    'incompatible types for comparison: float64 and int',
    1,
    6,
  ],
  ['a fail of its own', set('{{ fail "stop here" }}'), {}, 'error calling fail: stop here', 1, 3],
];

type ExpressionCase = readonly [title: string, text: string, data: unknown, expected: unknown];

const expressions: readonly ExpressionCase[] = [
  [
    'words for conditions',
    'app.a == "x" and not (app.b in ["y"]) or false',
    { app: { a: 'x', b: 'z' } },
    true,
  ],
  [
    'texts',
    'app.s startsWith "pre" and app.s contains "mid" and app.s matches "end$"',
    { app: { s: 'pre-mid-end' } },
    true,
  ],
  ['absent parts', 'app.status?.phase ?? "none"', { app: {} }, 'none'],
  ['lists', 'len(filter(l, # > 1)) == 2 and any(l, # == 3) and all(l, # > 0)', { l: [1, 2, 3] }, true],
  ['objects as results', '{"a": map(l, # * 2)}', { l: [1, 2] }, { a: [2, 4] }],
  [
    'methods of times',
    'time.Now().Sub(time.Parse(app.at)).Minutes() >= 5',
    { app: { at: '2026-03-04T05:00:00Z' } },
    true,
  ],
  ['helpers', 'strings.ToUpper(repo.FullNameByRepoURL("https://h/a/b.git"))', {}, 'A/B'],
  ['names that are absent', 'nope == nil', {}, true],
  [
    'an operation that has not begun',
    'app.status?.operationState?.phase in ["Succeeded"] or app.status.operationState != nil and ' +
      'app.status.operationState.phase in ["Running"]',
    { app: { status: {} } },
    false,
  ],
  [
    'whole numbers and floats as equals',
    '[app.n == 1, app.n in [1, 2], 1 in app.l]',
    { app: { n: 1, l: [1] } },
    [true, true, true],
  ],
  ['the given time', 'now() == time.Now()', {}, true],
  ['many brackets side by side', 'len(map(1..600, [#])) == 600 ? map(1..600, [#])[599] : "["', {}, [600]],
  ['brackets in texts', '{"a": join(map(1..600, "[\\"{"))}', {}, { a: '["{'.repeat(600) }],
];

describe('Go templates', () => {
  it.each(values)('see %s', async (_title, text, data, expected) => {
    expect(await templates.renderTemplate(set(text), data, run)).toEqual({ output: expected });
  });

  it.each(functions)('have %s', async (_title, text, data, expected) => {
    expect(await templates.renderTemplate(set(text), data, run)).toEqual({ output: expected });
  });

  it.each(notices)('have for notifications: %s', async (_title, text, data, expected) => {
    expect(await templates.renderTemplate(notice(text), data, run)).toEqual({ output: expected });
  });

  it.each(faults)('refuse %s, with the place', async (_title, template, data, message, line, column) => {
    const rendered = await templates.renderTemplate(template, data, run);
    expect(rendered).toMatchObject({ error: { message: expect.stringContaining(message) } });
    const place = 'error' in rendered ? [rendered.error.line, rendered.error.column] : [];
    expect(place).toEqual([line, column]);
    expect(JSON.stringify(rendered)).not.toContain('geheim');
  });

  it('are checked before they are run', async () => {
    expect(await templates.templateFault(set('{{ if }}'))).toMatchObject({ line: 1 });
    expect(await templates.templateFault(set('{{ .a.b.c }}'))).toBeUndefined();
    expect(await templates.templateFault(set('x', ['missingkey=never']))).toMatchObject({
      message: 'unrecognized option: missingkey=never',
    });
  });

  it('render many data in order, and one that fails leaves the others as they are', async () => {
    const template = set('{{ .n }}{{ if eq .n "b" }}{{ fail "no b" }}{{ end }}');
    const rendered = await templates.renderEach(template, [{ n: 'a' }, { n: 'b' }, { n: 'c' }], run);
    expect(rendered).toMatchObject([
      { output: 'a' },
      { error: { message: expect.stringContaining('no b') } },
      { output: 'c' },
    ]);
    expect(await templates.renderEach(template, [], run)).toEqual([]);
  });

  const random =
    '{{ randAlphaNum 9 }} {{ randAlpha 9 }} {{ randNumeric 9 }} {{ randAscii 9 | b64enc }} {{ randInt 0 1000000 }} ' +
    '{{ shuffle "abcdefghijkl" }} {{ uuidv4 }} {{ randBytes 9 }} {{ htpasswd "u" "p" }} {{ bcrypt "p" }}';

  it('give the same again for the same seed and time, and something else for another seed', async () => {
    const first = await templates.renderTemplate(set(random), {}, run);
    expect(first).toHaveProperty('output');
    expect(await templates.renderTemplate(set(random), {}, run)).toEqual(first);
    const other = await templates.renderTemplate(set(random), {}, { ...run, seed: 'other' });
    const parts = (rendered: unknown): string[] => (rendered as { output: string }).output.split(' ');
    expect(parts(other).filter((part, index) => part === parts(first)[index])).toEqual([]);
    // A new module, as after a restart, gives the same as well.
    const fresh = createGoTemplates(await toolPath('gotemplate'));
    expect(await fresh.renderTemplate(set(random), {}, run)).toEqual(first);
    await fresh.close();
  });

  it('give each of many data random values of its own, repeatably', async () => {
    const template = set('{{ randAlphaNum 12 }}');
    const data = [{}, {}, {}];
    const rendered = await templates.renderEach(template, data, run);
    expect(new Set(rendered.map((each) => JSON.stringify(each))).size).toBe(3);
    expect(await templates.renderEach(template, data, run)).toEqual(rendered);
  });
});

describe('facts of the host', () => {
  const commit = { Message: 'Mend it', Author: 'Ada', Date: '2026-01-02T03:04:05Z', Tags: ['v1'] };

  it('are fetched when a template asks for them, each once', async () => {
    const asked: FactRequest[] = [];
    const findFact = async (request: FactRequest): Promise<unknown> => {
      asked.push(request);
      return request.name === 'repo.GetAppDetails'
        ? { Type: 'Helm', Helm: { Parameters: [{ Name: 'tag', Value: '1.2' }] } }
        : commit;
    };
    const template = notice(
      '{{ $c := call .repo.GetCommitMetadata .sha }}{{ $c.Author }} {{ $c.Date.Year }} {{ $c.Tags }} ' +
        '{{ (call .repo.GetCommitMetadata .sha).Message }} ' +
        '{{ (call .repo.GetAppDetails).Helm.GetParameterValueByName "tag" }}',
    );
    const rendered = await templates.renderTemplate(template, { sha: 'abc' }, { ...run, findFact });
    expect(rendered).toEqual({ output: 'Ada 2026 [v1] Mend it 1.2' });
    expect(asked).toEqual([
      { name: 'repo.GetCommitMetadata', args: ['abc'] },
      { name: 'repo.GetAppDetails', args: [] },
    ]);
  });

  it('are fetched for expressions', async () => {
    const trigger = notice('repo.GetCommitMetadata("abc").Author == "Ada"');
    expect(await templates.evaluate(trigger, {}, { ...run, findFact: async () => commit })).toEqual({
      value: true,
    });
  });

  it('that cannot be had fail the run with their reason', async () => {
    const findFact = async (): Promise<unknown> => {
      throw new Error('repository is away');
    };
    const rendered = await templates.renderTemplate(
      notice('{{ call .repo.GetAppDetails }}'),
      {},
      { ...run, findFact },
    );
    expect(rendered).toMatchObject({
      error: { message: expect.stringContaining('repo.GetAppDetails: repository is away') },
    });
  });

  it.each([
    ['there is none', async () => undefined],
    [
      'failed without a reason',
      async () => {
        throw new Error('');
      },
    ],
    ['json: cannot unmarshal number', async () => ({ Helm: 5 })],
  ])('that are none fail the run: %s', async (reason, findFact) => {
    const asks = notice('{{ call .repo.GetAppDetails }}');
    expect(await templates.renderTemplate(asks, {}, { ...run, findFact })).toMatchObject({
      error: { message: expect.stringContaining(`repo.GetAppDetails: ${reason}`) },
    });
  });

  it('end a run that asks on and on', async () => {
    const findFact = async (): Promise<unknown> => commit;
    const chain = notice(
      '{{ range until 7 }}{{ (call $.repo.GetCommitMetadata (toString .)).Author }}{{ end }}',
    );
    const rendered = await templates.renderTemplate(chain, {}, { ...run, findFact });
    expect(rendered).toMatchObject({ error: { message: expect.stringContaining('more than 5 facts') } });
  });

  it('are refused where there is nobody to ask', async () => {
    expect(await templates.renderTemplate(notice('{{ call .repo.GetAppDetails }}'), {}, run)).toMatchObject({
      error: { message: 'notice: repo.GetAppDetails is not available here; remove the call' },
    });
  });
});

describe('expressions', () => {
  it.each(expressions)('know %s', async (_title, text, data, expected) => {
    expect(await templates.evaluate(notice(text), data, run)).toEqual({ value: expected });
  });

  it('name the place of what is wrong', async () => {
    expect(await templates.expressionFault(notice('a and'))).toMatchObject({ line: 1, column: 4 });
    expect(await templates.expressionFault(notice('a == 1'))).toBeUndefined();
    expect(
      await templates.evaluate(
        notice("app.status.operationState.phase in ['Running']"),
        { app: { status: {} } },
        run,
      ),
    ).toMatchObject({
      error: {
        message: expect.stringContaining('cannot fetch phase from <nil> (1:27)'),
        line: 1,
        column: 26,
      },
    });
    expect(await templates.evaluate(link('1 +\n nope.x.y'), {}, run)).toMatchObject({ error: { line: 2 } });
  });

  it('refuse a result that is no data', async () => {
    expect(await templates.evaluate(notice('strings.ToUpper'), {}, run)).toMatchObject({
      error: { message: expect.stringContaining('gives a value that is no data') },
    });
  });
});
