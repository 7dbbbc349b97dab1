import { textAt, valueAt } from '../../object/json/field.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionContext, ActionTable, BuiltinAction, Impact } from '../action.ts';
import { patchField } from '../change.ts';
import { derivedName, ownedBy } from '../derive.ts';

const submit: Pick<BuiltinAction, 'name' | 'iconClass' | 'displayName'> = {
  name: 'create-workflow',
  iconClass: 'fa fa-fw fa-plus',
  displayName: 'Create Workflow',
};

const automated = ['spec', 'syncPolicy', 'automated'];

/** Present and not switched off; `enabled` may be left out. */
const isAutomated = (live: Manifest): boolean =>
  isFields(valueAt(live, ...automated)) && valueAt(live, ...automated, 'enabled') !== false;

/** Its other settings, such as self-heal, are kept for the day it is switched on again. */
const toggleAutoSync: BuiltinAction = {
  name: 'toggle-auto-sync',
  iconClass: 'fa fa-fw fa-toggle-on',
  displayName: (live) => (isAutomated(live) ? 'Disable Auto-Sync' : 'Enable Auto-Sync'),
  run: (live) => patchField(live, [...automated, 'enabled'], !isAutomated(live)),
};

const merge: BuiltinAction = {
  name: 'merge',
  iconClass: 'fa fa-fw fa-code-branch',
  displayName: 'Merge PR',
  refuses(live) {
    const state = textAt(live, 'spec', 'state');
    return state === 'open' ? undefined : `spec.state is ${state || 'not set'}, not open`;
  },
  run: (live) => patchField(live, ['spec', 'state'], 'merged'),
};

/** Actions of the projects in `argoproj.io` and below. */
export const argoprojActions: ActionTable = {
  'argoproj.io/Application': [toggleAutoSync],
  'argoproj.io/CronWorkflow': [{ ...submit, run: submitCron }],
  'argoproj.io/WorkflowTemplate': [{ ...submit, run: submitTemplate }],
  'promoter.argoproj.io/PullRequest': [merge],
};

const instanceLabel = 'workflows.argoproj.io/controller-instanceid';

/** As `argo submit --from=cronwf/…`. */
function submitCron(live: Manifest, { now }: ActionContext): Impact[] {
  const template = valueAt(live, 'spec', 'workflowMetadata');
  const given = isFields(template) ? template : {};
  const instance = live.metadata.labels?.[instanceLabel];
  const labels = {
    ...fieldsOf(given['labels']),
    'workflows.argoproj.io/cron-workflow': live.metadata.name,
    ...(instance === undefined ? {} : { [instanceLabel]: instance }),
  };
  const annotations = { ...fieldsOf(given['annotations']), 'workflows.argoproj.io/scheduled-time': now };
  const spec = valueAt(live, 'spec', 'workflowSpec') ?? {};
  return workflow(live, now, { ...given, labels, annotations }, spec);
}

/** As `argo submit --from=workflowtemplate/…`. */
function submitTemplate(live: Manifest, { now }: ActionContext): Impact[] {
  const labels = { 'workflows.argoproj.io/workflow-template': live.metadata.name };
  return workflow(live, now, { labels }, { workflowTemplateRef: { name: live.metadata.name } });
}

function workflow(live: Manifest, now: string, given: object, spec: unknown): Impact[] {
  const { namespace } = live.metadata;
  const metadata = {
    ...given,
    name: derivedName(live, now),
    ...(namespace === undefined ? {} : { namespace }),
    ownerReferences: ownedBy(live),
  };
  return [
    { operation: 'create', manifest: { apiVersion: live.apiVersion, kind: 'Workflow', metadata, spec } },
  ];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isFields(value) ? value : {};
}
