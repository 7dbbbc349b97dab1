import type { LocalKeelson } from './bring-up.ts';

type Shown = Pick<
  LocalKeelson,
  | 'adminPassword'
  | 'clusterTrouble'
  | 'kubeconfig'
  | 'kubectl'
  | 'namespace'
  | 'others'
  | 'temporalUi'
  | 'url'
>;

/** What a person has to know once everything serves, and nothing that isn't true. */
export function whereabouts(local: Shown): string {
  const rows = [
    ['UI', local.url],
    ['login', `admin${passwordWords(local.adminPassword)}`],
    ['cluster', `KUBECONFIG=${local.kubeconfig}`],
    ...(local.kubectl === undefined
      ? []
      : [
          ['apply', `${local.kubectl} apply -n ${local.namespace} -f FILE, of Applications and AppProjects`],
          ['see', `${local.kubectl} get applications -n ${local.namespace}`],
        ]),
    ...(local.temporalUi === '' ? [] : [['Temporal', local.temporalUi]]),
    ['command', `npx keelson login ${new URL(local.url).host} --plaintext --username admin`],
  ];
  const lines = rows.map(([name = '', value = '']) => `  ${name.padEnd(9)} ${value}`);
  const warnings = local.others.map((line) => `  warning: ${line}`);
  return ['', headline(local.clusterTrouble), ...lines, ...warnings].join('\n');
}

function headline(trouble: string | undefined): string {
  if (trouble === undefined) return 'Keelson is up';
  return `Keelson serves, but can sync nothing until its cluster answers (it is asked again and again)\n  warning: ${trouble}`;
}

function passwordWords(password: string | undefined): string {
  if (password !== undefined) return ` / ${password}`;
  const unused =
    process.env['KEELSON_ADMIN_PASSWORD'] === undefined
      ? ''
      : '; KEELSON_ADMIN_PASSWORD is another one and changes nothing';
  return `, with the password that somebody chose for it${unused}`;
}
