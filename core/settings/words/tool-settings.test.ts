import { describe, expect, it } from 'vitest';
import { defaultToolSettings, isToolKey, readToolSettings } from './tool-settings.ts';

function read(cm: Record<string, string>) {
  const problems: string[] = [];
  const settings = readToolSettings(cm, (key) => (message) => void problems.push(`${key}: ${message}`));
  return { settings, problems };
}

describe('core/settings/tool-settings', () => {
  it('takes defaults where nothing is set', () => {
    expect(read({ url: 'x' })).toEqual({ settings: defaultToolSettings, problems: [] });
  });

  it('switches tools off by either spelling, and the key of the reference counts', () => {
    expect(read({ 'helm.enable': 'false', 'kustomize.enabled': 'false' }).settings.enabled).toEqual({
      helm: false,
      kustomize: false,
      jsonnet: true,
    });
    expect(read({ 'helm.enabled': 'false', 'helm.enable': 'true' }).settings.enabled.helm).toBe(true);
  });

  it('reads versions of Kustomize with their own build options, the newer key before the older', () => {
    const { settings, problems } = read({
      'kustomize.buildOptions': ' --enable-helm ',
      'kustomize.version.v4.5.7': '/old/kustomize',
      'kustomize.path.v4.5.7': '/opt/kustomize-4.5.7',
      'kustomize.buildOptions.v4.5.7': '--load-restrictor LoadRestrictionsNone',
      'kustomize.version.v3': '/opt/kustomize-3',
    });
    expect(problems).toEqual([]);
    expect(settings.kustomizeBuildOptions).toBe('--enable-helm');
    expect(settings.kustomizeVersions).toEqual([
      { name: 'v3', path: '/opt/kustomize-3', buildOptions: '' },
      {
        name: 'v4.5.7',
        path: '/opt/kustomize-4.5.7',
        buildOptions: '--load-restrictor LoadRestrictionsNone',
      },
    ]);
  });

  it('says what is wrong with a key and keeps the rest', () => {
    const { settings, problems } = read({
      'jsonnet.enable': 'perhaps',
      'kustomize.path.v5': 'bin/kustomize',
      'kustomize.buildOptions.v9': '--x',
      'helm.valuesFileSchemes': 'https, s3',
    });
    expect(settings).toEqual({ ...defaultToolSettings, valuesFileSchemes: ['https'] });
    expect(problems).toEqual([
      'jsonnet.enable: must be true or false; change it',
      'kustomize.path.v5: is "bin/kustomize"; set it to the absolute path of the program on the workers',
      'kustomize.buildOptions.v9: is for a version without program; set kustomize.path.v9 too',
      "helm.valuesFileSchemes: names s3, which can't be fetched; only https and http can, leave the others out",
    ]);
  });

  it('allows no addresses where the list of schemes is empty', () => {
    expect(read({ 'helm.valuesFileSchemes': '' }).settings.valuesFileSchemes).toEqual([]);
  });

  it.each(['helm.enable', 'jsonnet.enabled', 'kustomize.path.v5', 'kustomize.buildOptions'])(
    'knows %s',
    (key) => {
      expect(isToolKey(key)).toBe(true);
    },
  );

  it.each(['helm.repositories', 'kustomize.path', 'kustomize.version.'])('leaves %s to others', (key) => {
    expect(isToolKey(key)).toBe(false);
  });
});
