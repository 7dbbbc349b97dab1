import { describe, expect, it } from 'vitest';
import { isSkipped, readDirectoryFile, readManifests, readPrintedManifests } from './read-manifests.ts';

const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n';
const claim = 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: disk\n';

function names(text: string): string[] {
  return readManifests(text, 'a.yaml').manifests.map((manifest) => manifest.metadata.name ?? '');
}

function contentOf(text: string): unknown {
  const { manifests, issues } = readManifests(
    `${service}spec:\n  ${text.replaceAll('\n', '\n  ')}`,
    'a.yaml',
  );
  expect(issues).toEqual([]);
  return manifests[0]?.['spec'];
}

function problems(text: string, file = 'a.yaml'): string[] {
  return readManifests(text, file).issues.map((issue) => `${issue.path}: ${issue.message}`);
}

describe('core/object/read-manifests', () => {
  it('reads the documents of a stream in order and drops empty ones', () => {
    expect(names(`---\n# nothing\n---\n${service}---\n---\n${claim}...\n`)).toEqual(['web', 'disk']);
  });

  it('reads JSON, also with tabs', () => {
    expect(names('{\n\t"apiVersion": "v1",\n\t"kind": "Service", "metadata": {"name": "web"}\n}')).toEqual([
      'web',
    ]);
  });

  it('reads an empty file as nothing', () => {
    expect(readManifests('', 'a.yaml')).toEqual({ manifests: [], issues: [] });
    expect(readManifests('# only a comment\n', 'a.yaml')).toEqual({ manifests: [], issues: [] });
  });

  it('flattens lists, nested ones too', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'ConfigMapList', items: [] }],
    };
    expect(names(JSON.stringify(list))).toEqual([]);
    const inner = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    expect(names(JSON.stringify({ ...list, items: [inner, { ...list, items: [inner] }] }))).toEqual([
      's',
      's',
    ]);
  });

  it('gives the entries of a typed list the kind of the list when they have none', () => {
    const list = 'apiVersion: v1\nkind: ServiceList\nitems:\n';
    const [service] = readManifests(`${list}- metadata: {name: a}\n`, 'a.yaml').manifests;
    expect(service).toEqual({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } });
    expect(problems(`${list}- {apiVersion: v1, metadata: {name: a}}\n`)).toEqual([
      'a.yaml:1: entry 1 of the list: has no kind; add it',
    ]);
    expect(problems('apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}}]')[0]).toMatch(
      /has no apiVersion/,
    );
  });

  it('drops a list whose entries are null', () => {
    expect(readManifests('apiVersion: v1\nkind: List\nitems:\n', 'a.yaml')).toEqual({
      manifests: [],
      issues: [],
    });
  });

  it('keeps a custom object that happens to have entries', () => {
    expect(names('apiVersion: x/v1\nkind: Bundle\nmetadata: {name: b}\nitems: [1]')).toEqual(['b']);
  });

  it('resolves words and numbers as kubectl does and keeps quoted text', () => {
    expect(
      contentOf('a: yes\nb: "yes"\nc: 0777\nd: 2001-01-01\ne: 1.0\nf: !!str 5\ng: !!int "5"\nh: |-\n  on'),
    ).toEqual({
      a: true,
      b: 'yes',
      c: 511,
      d: '2001-01-01',
      e: 1,
      f: '5',
      g: 5,
      h: 'on',
    });
  });

  it('turns keys that are not text into text', () => {
    expect(contentOf('on: a\n1: b\n1.5: c')).toEqual({ true: 'a', 1: 'b', '1.5': 'c' });
  });

  it('lets the last of two equal keys win', () => {
    expect(contentOf('a: 1\na: 2')).toEqual({ a: 2 });
  });

  it('merges << in the order of the text', () => {
    expect(
      contentOf('base: &b {k: 1, z: 2}\nm1: {k: 9, <<: *b}\nm2: {<<: *b, k: 9}\nm3: {<<: [{k: 5}, *b]}'),
    ).toEqual({
      base: { k: 1, z: 2 },
      m1: { k: 1, z: 2 },
      m2: { k: 9, z: 2 },
      m3: { k: 5, z: 2 },
    });
  });

  it('gives an alias the last anchor before it', () => {
    expect(contentOf('a: &x 1\nb: *x\nc: &x 2\nd: *x')).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  it('drops null metadata that templates leave behind', () => {
    const [manifest] = readManifests(
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels:\n  creationTimestamp: null\n',
      'a.yaml',
    ).manifests;
    expect(manifest?.metadata).toEqual({ name: 'p' });
  });

  it('takes an object without a name, which its own write or its hook decides about', () => {
    const { manifests } = readManifests('apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: b}}', 'a.yaml');
    expect(manifests).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } } }]);
  });

  it.each<[string, string, string | RegExp]>([
    ['a missing kind', 'apiVersion: v1\nmetadata: {name: a}', 'a.yaml:1: has no kind; add it'],
    ['a missing apiVersion', 'kind: Pod\nmetadata: {name: a}', 'a.yaml:1: has no apiVersion; add it'],
    [
      'missing metadata',
      'apiVersion: v1\nkind: Pod',
      'a.yaml:1: Pod has no metadata; add metadata with a name',
    ],
    [
      'a name that no database holds',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: "a\\0b"}',
      /metadata.name has a character that no name can have; take it out/,
    ],
    [
      'a numeric name',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: 12}',
      /metadata.name must be a text; put it in quotes/,
    ],
    [
      'a boolean annotation',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {x: yes}}',
      /metadata.annotations\["x"\] must be a text/,
    ],
    [
      'a bare text',
      'hello',
      'a.yaml:1: is not a Kubernetes object; write fields such as apiVersion and kind',
    ],
    [
      'a tab as indentation',
      'apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a',
      /a\.yaml:4: is not valid YAML: a tab/,
    ],
    ['an open bracket', 'apiVersion: v1\nkind: [', /a\.yaml:2: is not valid YAML/],
    ['an unknown alias', 'apiVersion: v1\nkind: *x', /a\.yaml:2: is not valid YAML: an alias has no anchor/],
    ['an anchor that contains itself', 'a: &x\n  b: *x', /contains itself/],
    ['an infinite number', 'a: .inf', /has no form in JSON/],
    ['a text tagged as a number', 'a: !!int hello', /does not fit its tag/],
    [
      'a list entry without kind',
      '{"kind":"List","apiVersion":"v1","items":[{"apiVersion":"v1","metadata":{"name":"x"}}]}',
      /entry 1 of the list: has no kind/,
    ],
  ])('reports %s with its line', (_name, text, expected) => {
    const [problem, ...more] = problems(text);
    expect(more).toEqual([]);
    expect(problem).toMatch(expected);
  });

  it('names the document and its line in a longer file and reads the others', () => {
    const text = `${service}---\napiVersion: v1\nkind: Pod\n---\n${claim}`;
    expect(problems(text)).toEqual(['a.yaml:6 (document 2): Pod has no metadata; add metadata with a name']);
    expect(names(text)).toEqual(['web', 'disk']);
  });

  it('never quotes the text around an error', () => {
    const secret = 'hunter2-canary';
    const broken = [
      `apiVersion: v1\nkind: Secret\nstringData:\n  a: "${secret}`,
      `apiVersion: v1\nkind: Secret\n ${secret}: x\n  b: c`,
      `a: !!int ${secret}`,
      `- ${secret}\n${secret}`,
      `a: b: ${secret}`,
      `{"a": "${secret}"`,
      `metadata: {annotations: {x: [${secret}]}}`,
    ];
    for (const text of broken) {
      const found = problems(text);
      expect(found.length).toBeGreaterThan(0);
      expect(found.join()).not.toContain(secret);
    }
  });

  it('refuses a chain of aliases that would fill the memory', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const next = level === 0 ? '"lol"' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(9).fill(next).join(', ')}]`;
    });
    expect(problems(levels.join('\n'))[0]).toMatch(/grows too large/);
    const merges = Array.from({ length: 9 }, (_, level) => {
      const list = Array(9)
        .fill(`*m${level - 1}`)
        .join(', ');
      return level === 0 ? 'm0: &m0 {k: lol}' : `m${level}: &m${level} {<<: [${list}]}`;
    });
    expect(problems(merges.join('\n'))[0]).toMatch(/grows too large/);
  });

  it('refuses nesting that would exhaust the stack', () => {
    expect(problems(`a: ${'['.repeat(100_000)}`)[0]).toMatch(/nested too deeply|is not valid YAML/);
    expect(problems(`a: ${'['.repeat(600)}${']'.repeat(600)}`)[0]).toMatch(/nested too deeply/);
    expect(problems(`{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`)[0]).toMatch(/nested too deeply/);
  });
});

describe('core/object/read-manifests in plain directories', () => {
  it('passes over a file that carries the skip marker', () => {
    const text = `# +argocd:skip-file-rendering\n${service}`;
    expect(isSkipped(text)).toBe(true);
    expect(readDirectoryFile(text, 'a.yaml')).toEqual({ manifests: [], issues: [], doubts: [] });
  });

  it('passes over YAML that is no manifest', () => {
    for (const text of ['replicas: 3\nimage: web\n', 'on: push\njobs: {}']) {
      expect(readDirectoryFile(text, 'values.yaml')).toEqual({ manifests: [], issues: [], doubts: [] });
    }
  });

  it('says of a file that it leaves out since nobody can read it', () => {
    const read = readDirectoryFile('steps: [', 'ci.yaml');
    expect(read).toMatchObject({
      manifests: [],
      issues: [],
      doubts: [{ doubt: 'left out', file: 'ci.yaml' }],
    });
  });

  it.each([
    ['behind the end of a document', `${service}...\n${service}`, 'a.yaml:6'],
    [
      'behind a value in brackets',
      '{a: 1, kind: A, apiVersion: v1, metadata: {name: a}}\n# c\n{b: 2}',
      'a.yaml:3',
    ],
    ['in a later document', `${service}---\n${service}...\nx: 1\n---\n`, 'a.yaml:11 (document 2)'],
    ['in a file of no manifest', 'a: 1\n...\nb: 2\n', 'a.yaml:3'],
    [
      'behind JSON that is none',
      '{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"},}}',
      'a.yaml:1',
    ],
  ])('reads what kubectl reads and doubts the rest %s', (_name, text, path) => {
    const { issues, doubts } = readDirectoryFile(text, 'a.yaml');
    expect(issues).toEqual([]);
    expect(doubts).toMatchObject([{ doubt: 'passed over', path }]);
    expect(readPrintedManifests(text, 'a.yaml').doubts).toEqual(doubts);
    expect(readManifests(text, 'a.yaml').issues).toMatchObject([
      { path, message: expect.stringMatching(/^stands behind the end of its document/) },
    ]);
  });

  it('reports a broken file that has the marks of a manifest', () => {
    const { issues } = readDirectoryFile('apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a', 'a.yaml');
    expect(issues).toHaveLength(1);
  });

  it('reports a broken document beside a good one, before it or after', () => {
    const part = 'apiVersion: v1\nkind: Pod\n';
    const good = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}';
    expect(readDirectoryFile(`${good}\n---\n${part}`, 'a.yaml').issues).toHaveLength(1);
    expect(readDirectoryFile(`${part}---\n${good}\n`, 'a.yaml').issues).toHaveLength(1);
  });

  it.each([
    ['in JSON', '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name" "a"}}'],
    ['in JSON without blanks', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}'],
    ['with quoted keys', `"apiVersion": v1\n'kind' : Pod\n"metadata":\n\tname: a`],
  ])('reports a broken file that has the marks of a manifest %s', (_name, text) => {
    expect(readDirectoryFile(text, 'a.yaml').issues).toHaveLength(1);
  });

  it('reports what stands between two objects in JSON, which kubectl reads one after the other', () => {
    const first = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}';
    const second = first.replace('"a"', '"b"');
    const read = readDirectoryFile(`${first}\n${second}\n`, 'a.yaml');
    expect(read.issues).toEqual([]);
    expect(read.manifests.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    const [issue] = readDirectoryFile(`${first}\n${second}\n,\n`, 'a.yaml').issues;
    expect(issue?.path).toBe('a.yaml:3 (document 3)');
  });

  it('reports a JSON file that is no manifest', () => {
    expect(readDirectoryFile('{"a": 1}', 'package.json').issues.length).toBeGreaterThan(0);
  });
});
