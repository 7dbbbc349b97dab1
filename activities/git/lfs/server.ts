import { z } from 'zod';
import { KeelsonError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/object/json/json.ts';
import { quoted } from '../../../core/text/shell-word.ts';
import { withoutTrailing } from '../../../core/text/trim.ts';
import type { Remote } from '../access/remote.ts';
import { readBlobs, type TreeEntry } from '../checkout/tree.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { type GitSetting, runGit } from '../run/command.ts';
import { remoteFailure } from '../run/failure.ts';

/** Where the files of a repository in LFS are asked for. */
export type LfsServer = {
  readonly url: URL;
  /** What is sent with each question, such as a token that SSH has given out. */
  readonly headers: Readonly<Record<string, string>>;
};

const settingsFile = '.lfsconfig';

/**
 * The LFS server of a commit: the one that its `.lfsconfig` names, else that of the repository. Undefined where the
 * repository is a folder of this machine, whose files git-lfs itself takes from beside it.
 */
export async function findLfsServer(
  setting: GitSetting,
  mirror: Mirror,
  remote: Remote,
  commit: { readonly sha: string; readonly entries: readonly TreeEntry[] },
  signal: AbortSignal | undefined,
): Promise<LfsServer | undefined> {
  const named = await namedServer(setting, mirror, remote, commit, signal);
  if (named !== undefined) return { url: named, headers: {} };
  switch (remote.protocol) {
    case 'file':
      return undefined;
    case 'ssh':
      return await serverBehindSsh(setting, remote, signal);
    case 'http':
    case 'https':
      return { url: new URL(lfsPath(remote.url)), headers: {} };
  }
}

async function namedServer(
  setting: GitSetting,
  mirror: Mirror,
  remote: Remote,
  { sha, entries }: { readonly sha: string; readonly entries: readonly TreeEntry[] },
  signal: AbortSignal | undefined,
): Promise<URL | undefined> {
  const entry = entries.find(({ path }) => path === settingsFile);
  if (entry === undefined) return undefined;
  if (entry.type !== 'blob' || entry.mode === '120000') throw unusable(remote, 'is no file; make it one');
  await mirror.ensureBlobs(sha, [entry.oid], signal);
  const content = (await readBlobs(setting, { dir: mirror.dir, signal }, [entry.oid])).get(entry.oid);
  const listed = await runGit(setting, {
    args: ['config', '--file', '-', '--no-includes', '--null', '--list'],
    input: content?.toString('utf8') ?? '',
    signal,
  });
  if (listed.exitCode !== 0) throw unusable(remote, 'cannot be read as a file of settings; correct it');
  const written = urlIn(listed.stdout);
  if (written === undefined) return undefined;
  const url = URL.parse(written);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    // Who asks is for the repository's credentials to say.
    url.username = '';
    url.password = '';
    return url;
  }
  throw unusable(remote, 'names an LFS server by another address than http(s); write one, or leave it out');
}

/** The server among settings as Git lists them; of one key the last counts, as for Git. */
function urlIn(listed: string): string | undefined {
  const settings = new Map(
    listed.split('\0').map((setting) => {
      const [key = '', ...value] = setting.split('\n');
      return [key, value.join('\n')] as const;
    }),
  );
  return settings.get('lfs.url') ?? settings.get('remote.origin.lfsurl');
}

function lfsPath(repository: string): string {
  const bare = withoutTrailing(repository, '/');
  return `${bare}${bare.endsWith('.git') ? '' : '.git'}/info/lfs`;
}

const Authenticated = z.object({
  href: z.string().optional(),
  header: z.record(z.string(), z.string()).nullish(),
});

/** Git starts the SSH program only for transfers of its own; an alias of this run does it for LFS, in the same manner. */
const alias = {
  'alias.keelson-lfs': `!eval "$GIT_SSH_COMMAND" '"$KEELSON_LFS_PLACE" "$KEELSON_LFS_QUESTION"'`,
};

/** An SSH host says which server has the files, and lends a token for it. */
async function serverBehindSsh(
  setting: GitSetting,
  remote: Remote,
  signal: AbortSignal | undefined,
): Promise<LfsServer> {
  const { place, path, fallback } = sshParts(remote.url);
  const asked = await runGit(setting, {
    args: ['keelson-lfs'],
    configuration: alias,
    variables: {
      KEELSON_LFS_PLACE: place,
      KEELSON_LFS_QUESTION: `git-lfs-authenticate ${quoted(path)} download`,
    },
    remote,
    signal,
  });
  if (asked.exitCode !== 0) throw remoteFailure(remote, `git-lfs-authenticate: ${asked.stderr}`);
  const { href, header } = readAnswer(asked.stdout);
  const url = URL.parse(href || fallback);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return { url, headers: header ?? {} };
  throw noServer(remote);

  function readAnswer(text: string): z.output<typeof Authenticated> {
    try {
      return Authenticated.parse(parseJson(text));
    } catch {
      // The answer holds a token, so nothing of it is repeated.
      throw noServer(remote);
    }
  }
}

/** Host with its user and path of an SSH address, as git-lfs has them, and the server where the host names none. */
function sshParts(address: string): { place: string; path: string; fallback: string } {
  if (!address.includes('://')) {
    const [place = '', ...rest] = address.split(':');
    const path = rest.join(':');
    return { place, path, fallback: lfsPath(`https://${place.split('@').at(-1)}/${path}`) };
  }
  const { username, hostname, pathname } = new URL(address);
  const user = username === '' ? '' : `${decodeURIComponent(username)}@`;
  return {
    place: `${user}${hostname}`,
    path: decodeURIComponent(pathname).slice(1),
    fallback: lfsPath(`https://${hostname}${pathname}`),
  };
}

function noServer(remote: Remote): KeelsonError {
  return new KeelsonError(
    'source-unreachable',
    `repository ${remote.url}: its SSH host named no LFS server; let it answer git-lfs-authenticate, or name one in ${settingsFile}`,
    { details: { reason: 'lfs-server' } },
  );
}

function unusable(remote: Remote, what: string): KeelsonError {
  return new KeelsonError('source-unreachable', `repository ${remote.url}: ${settingsFile} ${what}`, {
    details: { reason: 'lfs-server' },
  });
}
