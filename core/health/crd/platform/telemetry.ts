import { numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import { type HealthCheck, saysFailure, standard, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** What an analysis came to. Its booleans are left out while they are false. */
const analysis: HealthCheck = (live) => {
  if (valueAt(live, 'status', 'pass') === true) return health('Healthy', 'passed');
  if (valueAt(live, 'status', 'warning') === true) return health('Healthy', 'passed with a warning');
  const state = textAt(live, 'status', 'state');
  const over =
    state === 'Completed' ||
    saysFailure(state) ||
    (state === '' && valueAt(live, 'status', 'pass') === false);
  if (over) return health('Degraded', 'the analysis has not passed');
  return state === '' ? undefined : health('Progressing', `status.state is "${state}"`);
};

/** Logs and metrics that are looked after elsewhere: Humio, Coralogix, Keptn's metrics. */
export const telemetry: readonly KindRule[] = [
  {
    group: 'core.humio.com',
    kinds: ['HumioCluster'],
    restsOn: '`status.observedGeneration`, `status.state`, `status.message`',
    checks: [
      word(['status', 'state'], {
        Running: 'Healthy',
        Restarting: 'Progressing',
        Upgrading: 'Progressing',
        Pending: 'Progressing',
        ConfigError: 'Degraded',
      }),
    ],
  },
  {
    group: 'core.humio.com',
    kinds: ['HumioAction', 'HumioAlert', 'HumioIngestToken', 'HumioParser', 'HumioRepository', 'HumioView'],
    restsOn: '`status.state`',
    checks: [
      word(['status', 'state'], {
        Exists: 'Healthy',
        NotFound: 'Missing',
        ConfigError: 'Degraded',
        Unknown: 'Unknown',
      }),
    ],
  },
  {
    group: 'coralogix.com',
    kinds: ['Alert', 'RecordingRuleGroupSet'],
    restsOn: 'condition `RemoteSynced` with its generation',
    checks: standard('RemoteSynced'),
  },
  {
    group: 'metrics.keptn.sh',
    kinds: ['Analysis'],
    restsOn: '`status.state`, `status.pass`, `status.warning`',
    checks: [analysis],
  },
  {
    group: 'metrics.keptn.sh',
    kinds: ['KeptnMetric'],
    restsOn: '`status.errMsg`, `status.value`',
    checks: [
      when(
        (live) => textAt(live, 'status', 'errMsg') !== '',
        'Degraded',
        (live) => textAt(live, 'status', 'errMsg'),
      ),
      when(
        (live) => textAt(live, 'status', 'value') !== '' || numberAt(live, 'status', 'value') !== undefined,
        'Healthy',
      ),
    ],
  },
];
