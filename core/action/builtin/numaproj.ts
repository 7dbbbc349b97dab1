import { textAt, valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction, Impact } from '../action.ts';
import { patchField, withField } from '../change.ts';

const allowedStrategies = 'numaflow.numaproj.io/allowed-resume-strategies';
const resumeStrategy = 'numaflow.numaproj.io/resume-strategy';
const upgradeState = 'numaplane.numaproj.io/upgrade-state';
const forcePromote = 'numaplane.numaproj.io/force-promote';
const markedForDeletion = 'numaplane.numaproj.io/marked-for-deletion';
const allowDataLoss = 'numaplane.numaproj.io/allow-data-loss';

type Speed = 'fast' | 'slow';

/** How a kind is paused: where its template stands, who may forbid it, and what says how fast it resumes. */
type Pausable = {
  /** The path to the object or template whose `spec.lifecycle` says which phase is wanted. */
  readonly template: readonly string[];
  readonly heldBy?: (live: Manifest) => string | undefined;
  readonly resume: (running: Manifest, speed: Speed) => Impact[];
};

/** Numaflow stops reading, lets what is under way end and scales to nothing; what a source holds waits there. */
function pausable({ template, heldBy, resume }: Pausable): readonly BuiltinAction[] {
  const phase = [...template, 'spec', 'lifecycle', 'desiredPhase'];
  const isPaused = (live: Manifest): boolean => textAt(live, ...phase) === 'Paused';
  const unpause = (speed: Speed, name: string, title: string): BuiltinAction => ({
    name,
    iconClass: 'fa fa-fw fa-play',
    displayName: title,
    refuses: (live) =>
      heldBy?.(live) ??
      (isPaused(live) ? whySpeedForbidden(live, template, speed) : `${phase.join('.')} is not Paused`),
    run: (live) => resume(withField(live, phase, 'Running'), speed),
  });
  return [
    {
      name: 'pause',
      iconClass: 'fa fa-fw fa-pause',
      displayName: 'Pause',
      refuses: (live) => heldBy?.(live) ?? (isPaused(live) ? `${phase.join('.')} is Paused` : undefined),
      run: (live) => patchField(live, phase, 'Paused'),
    },
    unpause('slow', 'unpause-gradual', 'Unpause (gradual)'),
    unpause('fast', 'unpause-fast', 'Unpause (fast)'),
  ];
}

/** Which ways a kind may resume is said by an annotation of its template; without one, the gradual alone. */
function whySpeedForbidden(live: Manifest, template: readonly string[], speed: Speed): string | undefined {
  const given =
    textAt(live, ...template, 'metadata', 'annotations', allowedStrategies) ||
    textAt(live, ...template, 'spec', 'metadata', 'annotations', allowedStrategies);
  const allowed = given.split(',').map((one) => one.trim());
  const allows = (one: Speed): boolean =>
    allowed.includes(one) || (one === 'slow' && !allowed.includes('fast'));
  return allows(speed) ? undefined : `annotation ${allowedStrategies} does not allow it`;
}

const ownedByRollout =
  (kind: string, exceptIn?: string) =>
  (live: Manifest): string | undefined => {
    const owner = live.metadata.ownerReferences?.find((one) => one.kind === kind);
    if (owner === undefined || (exceptIn !== undefined && stateOf(live) === exceptIn)) return undefined;
    return `${kind} ${owner.name} decides it; run the action there`;
  };

/** What numaplane is doing with a child: `in-progress` and `trial` of an upgrade, `recyclable` of an old one. */
function stateOf(live: Manifest): string | undefined {
  return live.metadata.labels?.[upgradeState];
}

const promote: BuiltinAction = {
  name: 'force-promote',
  iconClass: 'fa fa-fw fa-forward',
  displayName: 'Force Promote',
  refuses(live) {
    if (live.metadata.labels?.[forcePromote] === 'true') return `label ${forcePromote} is set`;
    return ['in-progress', 'trial'].includes(stateOf(live) ?? '') ? undefined : 'no upgrade is under way';
  },
  run: (live) => patchField(live, ['metadata', 'labels', forcePromote], 'true'),
};

const markForDeletion: BuiltinAction = {
  name: 'delete',
  iconClass: 'fa fa-fw fa-trash',
  displayName: 'Delete',
  refuses: (live) =>
    ['recyclable', 'recyclable-expired'].includes(stateOf(live) ?? '')
      ? undefined
      : `label ${upgradeState} is not recyclable`,
  run: (live) => patchField(live, ['metadata', 'annotations', markedForDeletion], 'true'),
};

const dataLoss: readonly BuiltinAction[] = [
  {
    name: 'allow-data-loss',
    iconClass: 'fa fa-fw fa-unlock',
    displayName: 'Allow (Possible) Data Loss',
    refuses: (live) =>
      textAt(live, 'status', 'upgradeInProgress') === 'PipelinePauseAndDrain'
        ? undefined
        : 'no upgrade waits for the pipeline to drain',
    run: (live) => patchField(live, ['metadata', 'annotations', allowDataLoss], 'true'),
  },
  {
    name: 'disallow-data-loss',
    iconClass: 'fa fa-fw fa-lock',
    displayName: 'Disallow Data Loss',
    refuses: (live) =>
      live.metadata.annotations?.[allowDataLoss] === 'true'
        ? undefined
        : `annotation ${allowDataLoss} is not true`,
    run: (live) => patchField(live, ['metadata', 'annotations', allowDataLoss], 'false'),
  },
];

/** A rollout of numaplane hands the speed on to its child. */
const resumeByStrategy: Pausable['resume'] = (running, speed) =>
  patchField(running, ['spec', 'strategy', 'pauseResume', 'fastResume'], speed === 'fast');

/** Numaflow and numaplane. */
export const numaprojActions: ActionTable = {
  'numaflow.numaproj.io/InterStepBufferService': [promote],
  'numaflow.numaproj.io/MonoVertex': [
    ...pausable({
      template: [],
      heldBy: ownedByRollout('MonoVertexRollout'),
      // Without replicas it starts with the fewest and scales up by itself.
      resume: (running, speed) =>
        speed === 'slow' && valueAt(running, 'spec', 'replicas') !== undefined
          ? patchField(running, ['spec', 'replicas'], undefined)
          : [{ operation: 'patch', manifest: running }],
    }),
    promote,
  ],
  'numaflow.numaproj.io/Pipeline': [
    ...pausable({
      template: [],
      heldBy: ownedByRollout('PipelineRollout', 'recyclable-expired'),
      resume: (running, speed) => patchField(running, ['metadata', 'annotations', resumeStrategy], speed),
    }),
    promote,
    markForDeletion,
  ],
  'numaplane.numaproj.io/MonoVertexRollout': pausable({
    template: ['spec', 'monoVertex'],
    resume: resumeByStrategy,
  }),
  'numaplane.numaproj.io/PipelineRollout': [
    ...pausable({ template: ['spec', 'pipeline'], resume: resumeByStrategy }),
    ...dataLoss,
  ],
};
