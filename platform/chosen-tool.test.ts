import { describe, expect, it } from 'vitest';
import { chosenTools } from './chosen-tool.ts';

const program = process.execPath;

describe('platform/chosen-tool', () => {
  it('takes the programs that the environment names, where it names all of them', () => {
    const env = { KEELSON_TOOL_HELM: program, KEELSON_TOOL_JSONNET: program };
    expect(chosenTools(['helm', 'jsonnet'], env)).toEqual({ helm: program, jsonnet: program });
    expect(chosenTools(['helm', 'jsonnet', 'kustomize'], env)).toBeUndefined();
    expect(chosenTools(['helm'], { KEELSON_TOOL_HELM: '' })).toBeUndefined();
  });

  it('refuses a name that leads to no program, also beside others', () => {
    const env = { KEELSON_TOOL_HELM: program, KEELSON_TOOL_JSONNET: `${program}/nothing` };
    expect(() => chosenTools(['helm', 'jsonnet'], env)).toThrow(
      'KEELSON_TOOL_JSONNET must be the absolute path',
    );
  });
});
