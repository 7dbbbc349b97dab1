import { describe, expect, it } from 'vitest';
import { readPluginFile } from './plugin-file.ts';

const full = `
apiVersion: argoproj.io/v1alpha1
kind: ConfigManagementPlugin
metadata:
  name: stamp
  annotations: {keelson.dev/network: "true", keelson.dev/cache: "true", keelson.dev/env: "VAULT_ADDR, TOKEN"}
spec:
  version: v1.0
  init: {command: [sh, -c], args: [make]}
  generate: {command: [./print]}
  discover:
    fileName: ./s*.yaml
    find: {glob: "**/x.yaml", command: [find], args: ['.']}
  parameters:
    static:
      - {name: colors, title: Colors, required: true, collectionType: array, array: [red]}
    dynamic: {command: [list]}
  preserveFileMode: true
`;

function read(text: string) {
  const said: string[] = [];
  const plugin = readPluginFile(text, (message, place) =>
    said.push(place ? `${place}: ${message}` : message),
  );
  return { plugin, said };
}

const minimal = (spec: string, metadata = 'name: p') =>
  `kind: ConfigManagementPlugin\nmetadata: {${metadata}}\nspec: {${spec}}\n`;
const generate = 'generate: {command: [sh]}';

describe('core/plugin/plugin-file', () => {
  it('reads every field', () => {
    expect(read(full)).toEqual({
      said: [],
      plugin: {
        address: 'stamp-v1.0',
        name: 'stamp',
        version: 'v1.0',
        init: { command: ['sh', '-c'], args: ['make'] },
        generate: { command: ['./print'], args: [] },
        discovery: {
          fileName: './s*.yaml',
          glob: '**/x.yaml',
          command: { command: ['find'], args: ['.'] },
        },
        parameters: {
          announced: [
            { name: 'colors', title: 'Colors', required: true, collectionType: 'array', array: ['red'] },
          ],
          command: { command: ['list'], args: [] },
        },
        preserveFileMode: true,
        rights: { network: true, cache: true, variables: ['VAULT_ADDR', 'TOKEN'] },
      },
    });
  });

  it('takes what is left out as absent, and calls a plugin without version by its name', () => {
    const { plugin } = read(minimal(`${generate}, discover: {fileName: "", find: }, init: {command: []}`));
    expect(plugin).toMatchObject({
      address: 'p',
      init: undefined,
      discovery: { fileName: undefined, glob: undefined, command: undefined },
      parameters: { announced: [], command: undefined },
      preserveFileMode: false,
      rights: { network: false, cache: false, variables: undefined },
    });
  });

  it.each([
    ['a: [', 'is not valid YAML'],
    [
      minimal(generate).replace('ConfigManagementPlugin', 'ConfigMap'),
      'kind: must be ConfigManagementPlugin',
    ],
    [minimal(''), 'spec.generate: is missing'],
    [minimal('generate: {args: [x]}'), 'spec.generate.args: are there without a command'],
    [minimal('generate: {}'), 'spec.generate.command: is empty; set it to the program that prints'],
    [minimal('generate: {command: [sh], args: [1]}'), 'spec.generate.args[0]: must be a text'],
    [minimal(`${generate}, init: {args: [x]}`), 'spec.init.args: are there without a command'],
    [minimal(generate, 'name: ../p'), 'metadata.name: makes the name "../p"'],
    [minimal(`${generate}, version: a/b`), 'metadata.name: makes the name "p-a/b"'],
    [minimal(generate, 'name: p, annotations: {keelson.dev/network: "yes"}'), 'keelson.dev/network: must be'],
    [minimal(generate, 'name: p, annotations: {keelson.dev/env: "A=1"}'), 'keelson.dev/env: names "A=1"'],
  ])('refuses what can not be used: %s', (text, message) => {
    const { plugin, said } = read(text);
    expect(plugin).toBeUndefined();
    expect(said.join('\n')).toContain(message);
  });
});
