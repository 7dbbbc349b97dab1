import { scopedObject } from '../../core/rbac/request.ts';
import { coveredBy, repositoryKey } from '../../core/repository/address.ts';
import {
  type ReadRecord,
  readRepositoryWords,
  readTemplateWords,
} from '../../core/repository/declarative.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { followAccessChange } from '../../db/queries/repository/access-change.ts';
import { deleteRepository, findRepository, saveRepository } from '../../db/queries/repository/repository.ts';
import {
  deleteTemplate,
  findTemplate,
  saveTemplate,
} from '../../db/queries/repository/repository-template.ts';
import { auditOf } from '../context.ts';
import type { AddressedRole, Effects, Taking } from './settings-control.ts';

type Values = Readonly<Record<string, string>>;

/** Repositories: one for each address and project. */
export const repositoryRole: AddressedRole = {
  sort: 'addressed',
  scopeOf: ({ values }) => ({ address: addressOf(values), project: (values['project'] ?? '').trim() }),
  faultOf: async (_, { values, unreadable }) => faultOf(readRepositoryWords(values), unreadable),
  async apply(taking, { address, project }, winner) {
    const { tx, keyring, author } = taking;
    const before = await findRepository(tx, address, project);
    const record = winner && readRepositoryWords(winner.values).record;
    if (record === undefined) {
      if (!(await deleteRepository(tx, before?.url ?? address, project))) return unchanged;
      const object = scopedObject(before?.url ?? address, project);
      await recordAudit(tx, auditOf(author, { action: 'repository.delete', object }));
      return concerned(taking, (url) => repositoryKey(url) === address);
    }
    // One repository keeps one way of writing it: the object's.
    if (before?.registered === true && before.url !== record.url) {
      await deleteRepository(tx, before.url, project);
    }
    await saveRepository(tx, keyring, record);
    const action = before?.registered === true ? 'repository.update' : 'repository.create';
    await recordAudit(tx, auditOf(author, { action, object: scopedObject(record.url, project) }));
    return concerned(taking, (url) => repositoryKey(url) === address);
  },
};

/** Credential templates: one for each beginning of addresses, for every project. */
export const templateRole: AddressedRole = {
  sort: 'addressed',
  scopeOf: ({ values }) => ({ address: addressOf(values), project: '' }),
  faultOf: async (_, { values, unreadable }) => faultOf(readTemplateWords(values), unreadable),
  async apply(taking, { address }, winner) {
    const { tx, keyring, author } = taking;
    const before = await findTemplate(tx, address);
    const record = winner && readTemplateWords(winner.values).record;
    if (before !== undefined && before.url !== record?.url) await deleteTemplate(tx, before.url);
    if (record !== undefined) await saveTemplate(tx, keyring, record);
    else if (before === undefined) return unchanged;
    const url = record?.url ?? before?.url ?? address;
    const verb = record === undefined ? 'delete' : before === undefined ? 'create' : 'update';
    await recordAudit(tx, auditOf(author, { action: `template.${verb}`, object: url }));
    return concerned(taking, (other) => coveredBy(url, other) !== undefined);
  },
};

const unchanged: Effects = { refresh: [], repositories: false };

function addressOf(values: Values): string {
  return repositoryKey((values['url'] ?? '').trim());
}

function faultOf(read: ReadRecord<unknown>, unreadable: readonly string[]): string | undefined {
  const [key] = unreadable;
  return key === undefined ? read.fault : `${key} is no text`;
}

async function concerned({ tx }: Taking, concerns: (url: string) => boolean): Promise<Effects> {
  return { refresh: await followAccessChange(tx, concerns), repositories: true };
}
