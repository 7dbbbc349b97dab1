import type { Manifest } from '../../../object/manifest/manifest.ts';
import { ownField } from '../../../own-field.ts';
import type { RepositoryCredentials } from '../../../repository/access.ts';
import { readRepositoryWords, readTemplateWords } from '../../../repository/declarative.ts';
import {
  credentialFlags,
  credentialTexts,
  type RepositoryRecord,
  type TemplateRecord,
} from '../../../repository/record.ts';
import { sourceSecretName } from './secret-name.ts';
import { newSecret, type Values, valuesOfSecret, withValues } from './secret-values.ts';

/** The values of the Secret that declares a repository. */
export function repositoryValues({ name, project, ...template }: RepositoryRecord): Values {
  return { ...templateValues(template), ...given({ name, project }) };
}

/** The values of the Secret that declares a template. */
export function templateValues({ url, type, credentials }: TemplateRecord): Values {
  return { url, type, ...credentialValues(credentials) };
}

/** The Secret that a repository becomes which nothing of the home cluster declares yet. */
export function repositorySecret(namespace: string, record: RepositoryRecord): Manifest {
  const name = sourceSecretName('repo', record);
  return newSecret({ namespace, name, type: 'repository' }, repositoryValues(record));
}

/** The Secret that a template becomes which nothing of the home cluster declares yet. */
export function templateSecret(namespace: string, record: TemplateRecord): Manifest {
  const name = sourceSecretName('creds', { url: record.url });
  return newSecret({ namespace, name, type: 'repo-creds' }, templateValues(record));
}

/** A live Secret that declares this repository from now on; what it says of nothing that Keelson reads stays. */
export function changedRepositorySecret(live: Manifest, record: RepositoryRecord): Manifest {
  const read = readRepositoryWords(valuesOfSecret(live)).record;
  return changed(live, read && repositoryValues(read), repositoryValues(record));
}

/** A live Secret that declares this template from now on. */
export function changedTemplateSecret(live: Manifest, record: TemplateRecord): Manifest {
  const read = readTemplateWords(valuesOfSecret(live)).record;
  return changed(live, read && templateValues(read), templateValues(record));
}

function credentialValues(credentials: RepositoryCredentials): Values {
  const texts = credentialTexts.map((field): [string, string] => [field, credentials[field] ?? '']);
  const flags = credentialFlags.map((field): [string, string] => [
    field,
    credentials[field] === true ? 'true' : '',
  ]);
  const depth = credentials.depth === undefined ? '' : String(credentials.depth);
  return given({ ...Object.fromEntries([...texts, ...flags]), depth });
}

/** A field that says nothing isn't written: the reference leaves it out as well. */
function given(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ''));
}

/** Every field that says something of a repository, so that none of them outlives a change. */
const fields = [
  ...['url', 'type', 'name', 'project', 'depth', 'insecureIgnoreHostKey'],
  ...credentialTexts,
  ...credentialFlags,
];

/**
 * What reads the same as before keeps its text: a password that ends with a line end is the same password, and whoever
 * applies the Secret again finds it as it was.
 */
function changed(live: Manifest, seen: Values | undefined, wanted: Values): Manifest {
  const next = fields.flatMap((field): [string, string | undefined][] => {
    const value = ownField(wanted, field);
    const isSame = seen !== undefined && ownField(seen, field) === value;
    // The old name of `insecure` has no value of its own, and counts as long as that does.
    if (field === 'insecureIgnoreHostKey') return ownField(wanted, 'insecure') ? [] : [[field, undefined]];
    return isSame ? [] : [[field, value]];
  });
  return withValues(live, Object.fromEntries(next));
}
