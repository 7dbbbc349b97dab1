import { textAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseFails, saysFailure, when, word } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const message = (live: Parameters<KindRule['checks'][number]>[0]) => textAt(live, 'status', 'message');

/**
 * NetApp: Astra's protection of applications, Trident's volumes. Astra is withdrawn, and no list of its states was
 * published: only those of NetApp's own examples are named here, and other words say themselves whether they fail.
 */
export const netapp: readonly KindRule[] = [
  {
    group: 'astra.netapp.io',
    kinds: ['AppVault'],
    restsOn: '`status.state`, `status.error`',
    checks: [word(['status', 'state'], { available: 'Healthy', Available: 'Healthy' }, ['status', 'error'])],
  },
  {
    group: 'astra.netapp.io',
    kinds: ['Application'],
    restsOn: 'condition `Ready`',
    checks: [condition('Ready', falseFails)],
  },
  {
    group: 'astra.netapp.io',
    kinds: ['Backup', 'Snapshot', 'ResourceBackup', 'ResticVolumeBackup', 'ExecHooksRun'],
    restsOn: '`status.state`, `status.error`',
    checks: [word(['status', 'state'], { Completed: 'Healthy' }, ['status', 'error'])],
  },
  {
    group: 'astra.netapp.io',
    kinds: ['ExecHook'],
    restsOn: '`spec.enabled`; it has no status of its own',
    fromSpec: [
      when((live) => valueAt(live, 'spec', 'enabled') === false, 'Suspended', 'spec.enabled is false'),
    ],
    checks: [
      when(
        (live) => valueAt(live, 'spec', 'enabled') === true && valueAt(live, 'status') === undefined,
        'Healthy',
      ),
    ],
    silent: 'Healthy',
  },
  {
    group: 'astra.netapp.io',
    kinds: ['Schedule'],
    restsOn: '`status.error`; its runs are objects of their own',
    checks: [when((live) => textAt(live, 'status', 'lastScheduleTime') !== '', 'Healthy')],
    silent: 'Healthy',
  },
  {
    group: 'trident.netapp.io',
    kinds: ['TridentBackendConfig'],
    restsOn: '`status.lastOperationStatus`, `status.phase`, `status.message`',
    checks: [
      when((live) => saysFailure(textAt(live, 'status', 'lastOperationStatus')), 'Degraded', message),
      word(['status', 'phase'], { Bound: 'Healthy', Lost: 'Degraded', Unknown: 'Unknown' }),
    ],
  },
  {
    group: 'trident.netapp.io',
    kinds: ['TridentOrchestrator'],
    restsOn: '`spec.uninstall`, `status.status`, `status.message`',
    checks: [
      // As its spec asks: nothing is under way, and nothing would end it.
      when(
        (live) =>
          textAt(live, 'status', 'status') === 'Uninstalled' && valueAt(live, 'spec', 'uninstall') === true,
        'Healthy',
        'it is uninstalled, as spec.uninstall asks',
      ),
      word(['status', 'status'], { Installed: 'Healthy', Failed: 'Degraded', Error: 'Degraded' }),
    ],
  },
];
