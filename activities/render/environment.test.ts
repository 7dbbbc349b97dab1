import { describe, expect, it } from 'vitest';
import { buildVariables, substitute } from './environment.ts';

const variables = buildVariables(
  { instanceName: 'team_web', name: 'web', namespace: 'prod', project: 'shop', revision: '0123456789abcdef' },
  { repoURL: 'https://host/r', path: 'app', targetRevision: 'main' },
);

/** `${NAME}`, written so that it does not look like a template string. */
const braced = (name: string): string => `\${${name}}`;

describe('activities/render/environment', () => {
  it.each([
    ['$ARGOCD_APP_NAME', 'team_web'],
    [`${braced('ARGOCD_APP_NAMESPACE')}-x`, 'prod-x'],
    ['$ARGOCD_APP_PROJECT_NAME', 'shop'],
    ['$ARGOCD_APP_REVISION', '0123456789abcdef'],
    ['$ARGOCD_APP_REVISION_SHORT', '0123456'],
    ['$ARGOCD_APP_REVISION_SHORT_8', '01234567'],
    ['$ARGOCD_APP_SOURCE_REPO_URL', 'https://host/r'],
    ['$ARGOCD_APP_SOURCE_PATH', 'app'],
    ['$ARGOCD_APP_SOURCE_TARGET_REVISION', 'main'],
    [`a $UNKNOWN b ${braced('UNKNOWN')}`, 'a  b '],
    ['costs $$5 and $$ARGOCD_APP_NAME', 'costs $5 and $ARGOCD_APP_NAME'],
    ['$ and ${ and 5$', '$ and ${ and 5$'],
    ['$toString', ''],
  ])('substitutes %s', (text, expected) => {
    expect(substitute(text, variables)).toBe(expected);
  });
});
