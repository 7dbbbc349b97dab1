import type { ProjectPreview } from '../../core/wire/project.ts';
import { formatTable } from '../terminal/table.ts';

const lost = { source: 'source', destination: 'destination', sourceNamespace: 'its namespace' } as const;

/** What a dry run of a project's change found, as tables for people. */
export function formatPreview(preview: ProjectPreview): string {
  const { project, applications, objects, applicationCount, objectCount } = preview;
  const parts = [
    ...tableOf(
      ['PROJECT', 'APPLICATION', 'LOSES', 'RULE', 'MESSAGE'],
      applications.map((one) => [one.project, nameOf(one), lost[one.part], one.rule, one.message]),
    ),
    ...tableOf(
      ['PROJECT', 'APPLICATION', 'GROUP', 'KIND', 'NAMESPACE', 'NAME', 'RULE'],
      objects.map((one) => [
        one.project,
        nameOf(one),
        ...[one.group, one.kind, one.namespace, one.name],
        one.rule,
      ]),
    ),
    `project '${project.metadata.name}' is not written (dry run): ${applicationCount} application(s) and ${objectCount} live object(s) fall out of it\n`,
  ];
  return parts.join('\n');
}

function nameOf({
  application,
  applicationNamespace,
}: {
  application: string;
  applicationNamespace: string;
}): string {
  return `${applicationNamespace}/${application}`;
}

function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [formatTable(header, rows)];
}
