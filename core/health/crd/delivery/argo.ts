import { listAt, textAt } from '../../../object/json/field.ts';
import { condition, type HealthCheck, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';
import { plainFailure } from '../../plain-words.ts';

const workflowPhases: HealthCheck = (live) => {
  const phase = textAt(live, 'status', 'phase');
  const message = textAt(live, 'status', 'message');
  if (phase === '') return undefined;
  if (phase === 'Pending' || phase === 'Running') return health('Progressing', message);
  if (phase === 'Succeeded') return health('Healthy', message);
  return health(phase === 'Failed' || phase === 'Error' ? 'Degraded' : 'Unknown', message);
};

const analysisPhases = {
  Successful: 'Healthy',
  Pending: 'Progressing',
  Running: 'Progressing',
  Failed: 'Degraded',
  Error: 'Degraded',
  Inconclusive: 'Unknown',
} as const;

/** Every condition of a kind has to be true. */
const allTrue: HealthCheck = (live) => {
  const conditions = listAt(live, 'status', 'conditions');
  if (conditions.length === 0) return undefined;
  const wrong = (status: string) => conditions.find((found) => textAt(found, 'status') === status);
  const failed = wrong('False');
  if (failed !== undefined) return health('Degraded', textAt(failed, 'message') || textAt(failed, 'type'));
  const open = wrong('Unknown');
  return open === undefined ? health('Healthy') : health('Progressing', textAt(open, 'type'));
};

/** Argo's Workflows, Events and ApplicationSets. Applications themselves have no health by default. */
export const argo: readonly KindRule[] = [
  {
    group: 'argoproj.io',
    kinds: ['AnalysisRun', 'Experiment'],
    restsOn: '`status.phase`, `status.message`',
    checks: [word(['status', 'phase'], analysisPhases)],
  },
  {
    group: 'argoproj.io',
    kinds: ['Workflow'],
    restsOn: '`status.phase`, `status.message`',
    checks: [workflowPhases],
  },
  {
    group: 'argoproj.io',
    kinds: ['CronWorkflow'],
    restsOn: 'conditions `SpecError`, `SubmissionError`; a suspended one is healthy',
    checks: [
      condition('SpecError', { True: 'Degraded' }),
      condition('SubmissionError', { True: 'Degraded' }),
    ],
    // Its controller writes nothing before the first run is due.
    silent: 'Healthy',
  },
  {
    group: 'argoproj.io',
    kinds: ['EventBus', 'EventSource', 'Sensor'],
    restsOn: 'all conditions',
    checks: [plainFailure, allTrue],
  },
  {
    group: 'argoproj.io',
    kinds: ['ApplicationSet'],
    restsOn: 'conditions `ErrorOccurred`, `ResourcesUpToDate` with its reason, `RolloutProgressing`',
    checks: [
      condition('ErrorOccurred', { True: 'Degraded' }),
      // Before the rollout: an application that couldn't be made is not waited for.
      condition('ResourcesUpToDate', { False: 'Progressing', Unknown: 'Progressing' }),
      condition('RolloutProgressing', { True: 'Progressing' }),
      condition('ResourcesUpToDate', { True: 'Healthy' }),
    ],
  },
];
