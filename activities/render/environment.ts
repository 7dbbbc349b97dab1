import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { ownField } from '../../core/own-field.ts';
import type { RenderApplication } from './request.ts';

const variable = /\$(?:\$|\{(\w+)\}|([A-Za-z_]\w*))/g;

/** The variables that sources may use in parameters, by the names the reference gives them. */
export function buildVariables(
  application: RenderApplication,
  source: ApplicationSource,
): Readonly<Record<string, string>> {
  return {
    ARGOCD_APP_NAME: application.instanceName,
    ARGOCD_APP_NAMESPACE: application.namespace,
    ARGOCD_APP_PROJECT_NAME: application.project,
    ARGOCD_APP_REVISION: application.revision,
    ARGOCD_APP_REVISION_SHORT: application.revision.slice(0, 7),
    ARGOCD_APP_REVISION_SHORT_8: application.revision.slice(0, 8),
    ARGOCD_APP_SOURCE_REPO_URL: source.repoURL,
    ARGOCD_APP_SOURCE_PATH: source.path ?? '',
    ARGOCD_APP_SOURCE_TARGET_REVISION: source.targetRevision ?? '',
  };
}

/** Replaces `$NAME` and `${NAME}`; an unknown name becomes nothing, `$$` becomes `$`. */
export function substitute(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(variable, (match, braced: string | undefined, bare: string | undefined) => {
    if (match === '$$') return '$';
    const name = braced ?? bare ?? '';
    return ownField(variables, name) ?? '';
  });
}
