import { describe, expect, it } from 'vitest';
import { debianPrograms } from '../../../local/obtain/debian-program.ts';
import { artefacts } from '../../../local/obtain/tools.ts';
import { documents, filesBelow, namesIn, productSources, read, without } from './documents.ts';

const sources = productSources();
/** As the routes make it; a test holds the file to them. */
const openapi = JSON.parse(read('docs/api/openapi.json')) as { paths: Record<string, unknown> };
const variable = /\bKEELSON_[A-Z0-9]+(?:_[A-Z0-9]+)*/g;

/** Given by Keelson to programs that it starts itself; nobody sets them. */
const internal = /^KEELSON_(GIT_(HOST|MIRROR|ORIGIN|PASSWORD|RUN|USERNAME)|LFS_(PLACE|QUESTION)|RENDER)$/;
/** Begun by what follows in a name that is made. */
const prefixes = /^KEELSON_(PLUGIN_ENV|TOOL)(_|$)/;

const isNamed = (name: string): boolean => !internal.test(name) && !prefixes.test(name);
const named = (names: ReadonlySet<string>): Set<string> => new Set([...names].filter(isNamed));

describe('names in documents', () => {
  it('are of all variables that are read, and of no other', () => {
    const configured = filesBelow('.', ['docker-compose.yml', 'Dockerfile', '.env.example']);
    const readSomewhere = named(namesIn([...sources, ...configured], variable));
    const explained = named(namesIn([...documents, '.env.example'], variable));
    expect(readSomewhere.size).toBeGreaterThan(50);
    expect(without(readSomewhere, explained)).toEqual([]);
    const ofTests = namesIn(filesBelow('test/support', ['.ts']), variable);
    expect(without(explained, new Set([...readSomewhere, ...ofTests]))).toEqual([]);
  });

  it('are of every tool that another may stand for', () => {
    const [row = ''] = /^\| `KEELSON_TOOL_<NAME>` .*$/m.exec(read('docs/operate/configuration.md')) ?? [];
    const listed = [...(row.split('Names:')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name ?? '');
    const tools = artefacts()
      .filter(({ name }) => !(name in debianPrograms))
      .map(({ name }) => name.toUpperCase().replaceAll('-', '_'));
    expect(listed.length).toBeGreaterThan(10);
    expect(listed.sort()).toEqual(tools.sort());
  });

  it('are of every key of Keelson’s own, and of no other', () => {
    const key = /\bkeelson\.dev\/[a-z-]+/g;
    const used = namesIn(sources, key);
    expect(used.size).toBeGreaterThan(8);
    expect(without(used, namesIn(documents, key))).toEqual([]);
    // What a set of applications will be asked for one day.
    const planned = new Set(['keelson.dev/allow-bulk-delete']);
    expect(without(namesIn(documents, key), new Set([...used, ...planned]))).toEqual([]);
  });

  it('are of conditions that an application can have, and of each that the reference has not', () => {
    const condition = /\b[A-Z][A-Za-z]+Warning\b/g;
    const used = namesIn(sources, /'([A-Z][A-Za-z]+Warning)'/g);
    const ofReference = new Set(
      ['Excluded', 'Orphaned', 'Repeated', 'Shared'].map((what) => `${what}ResourceWarning`),
    );
    const [row = ''] = /^\| conditions \|.*$/m.exec(read('docs/compatibility.md')) ?? [];
    const listed = [...row.matchAll(condition)].map(([name]) => name);
    expect(listed.sort()).toEqual(without(used, ofReference));
    expect(without(namesIn(documents, condition), used)).toEqual([]);
  });

  it('are of routes that there are', () => {
    const paths = Object.keys(openapi.paths);
    const shapes = paths.map((path) => new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`));
    const written = [...namesIn(documents, /`[A-Z ]*(\/api\/[a-z0-9/_{}-]*[a-z0-9}])/gi)].filter(
      (path) => path !== '/api/v1',
    );
    expect(written.length).toBeGreaterThan(8);
    expect(written.filter((path) => !shapes.some((shape) => shape.test(path)))).toEqual([]);
  });

  it('are of each part of each route', () => {
    const [, section = ''] = read('docs/compatibility.md').split('### API and command line');
    const spans = [...section.matchAll(/`([^`]+)`/g)].flatMap(([, span = '']) => span.split('/'));
    const parts = Object.keys(openapi.paths).flatMap((path) =>
      path.split('/').filter((part) => part !== '' && !/^(\{.*\}|api|v1)$/.test(part)),
    );
    expect(parts.length).toBeGreaterThan(80);
    expect(without(new Set(parts), new Set(spans))).toEqual([]);
  });

  it('are of scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const written = namesIn(documents, /\bnpm run (?:--silent )?([a-z:]+)/g);
    expect(written.size).toBeGreaterThan(3);
    expect(without(written, new Set(Object.keys(scripts)))).toEqual([]);
  });

  it('are of benchmarks that there are, and of each', () => {
    const written = namesIn(['bench/README.md'], /\bnode bench\/([a-z-]+)\.ts/g);
    const there = new Set(namesIn(filesBelow('bench', ['.ts']), /Run: node bench\/([a-z-]+)\.ts/g));
    expect(there.size).toBeGreaterThan(3);
    expect(without(there, written)).toEqual([]);
    expect(
      without(written, new Set(filesBelow('bench', ['.ts']).map((file) => file.slice('bench/'.length, -3)))),
    ).toEqual([]);
  });

  it('stand in paragraphs of which none is there twice', () => {
    for (const document of documents) {
      const paragraphs = read(document)
        .split(/\n{2,}/)
        .filter((text) => text.length > 200);
      expect(
        paragraphs.filter((text, at) => paragraphs.indexOf(text) !== at),
        document,
      ).toEqual([]);
    }
  });
});
