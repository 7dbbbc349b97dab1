import type { Preview } from '../../control/project/preview-project.ts';
import type { GovernedApplication } from '../../core/project/change/fall-out.ts';
import type { ProjectPreview } from '../../core/wire/project.ts';

/** Most that a reply names of each sort; all are counted. */
const mostNamed = 1000;

/** What saving a project would come to, as clients see it. */
export function previewJson({ project, fallOut, refusal }: Preview): ProjectPreview {
  const { applications, objects } = fallOut;
  return {
    dryRun: true,
    project,
    ...(refusal === undefined ? {} : { refusal }),
    applicationCount: applications.length,
    objectCount: objects.length,
    applications: applications
      .slice(0, mostNamed)
      .map(({ application, part, rule, message }) => ({ ...namesOf(application), part, rule, message })),
    objects: objects.slice(0, mostNamed).map(({ application, object, rule, message }) => {
      const { group, kind, namespace = '', name } = object;
      return { ...namesOf(application), group, kind, namespace, name, rule, message };
    }),
  };
}

function namesOf({ project, name, namespace }: GovernedApplication) {
  return { project, application: name, applicationNamespace: namespace };
}
