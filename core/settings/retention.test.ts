import { describe, expect, it } from 'vitest';
import { defaultRetention } from './retention.ts';
import { readSettings } from './words/read-settings.ts';

const read = (text: string) => {
  const { settings, problems } = readSettings({ 'argocd-cm': { 'keelson.retention': text } });
  return { retention: settings.retention, problems: problems.map(({ message }) => message) };
};

describe('core/settings/retention', () => {
  it('keeps operations for ever and what explains them for 90 days where nothing is said', () => {
    const { settings } = readSettings({});
    expect(settings.retention).toMatchObject({ operations: 0, details: 7_776_000, audit: 34_560_000 });
  });

  it('reads times by name, and leaves the others as they are', () => {
    expect(read('details: 24h\noperations: 8760h\nworkflows: 5m\n')).toEqual({
      retention: { ...defaultRetention, details: 86_400, operations: 31_536_000, workflows: 300 },
      problems: [],
    });
  });

  it.each([
    ['what could go while it is used', 'content: 4m', 'content must be at least 5m; change it'],
    ['no end where there has to be one', 'changes: 0', 'changes must be at least 5m; change it'],
    [
      'a short time beside no end',
      'operations: 1m',
      'operations must be at least 5m, or 0 for no end; change it',
    ],
    ['what is no time', 'audit: long', 'audit must be a duration such as 24h or 90m; change it'],
    [
      'what is not kept',
      'plans: 24h',
      'plans is nothing that is kept; write one of operations, details, audit, changes, deliveries, content, workflows',
    ],
  ])('refuses %s, and then takes none of the times', (_, text, message) => {
    expect(read(`details: 24h\n${text}`)).toEqual({ retention: defaultRetention, problems: [message] });
  });
});
