import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import { ownField } from '../../../core/own-field.ts';
import { RunError, run } from '../../../platform/exec.ts';
import { lastLines } from '../../../platform/mask.ts';
import type { ObjectStore } from '../checkout/tree.ts';
import { catFile, type GitSetting, runGit } from '../run/command.ts';
import { createPrivateFiles, type PrivateFiles } from './private-files.ts';

/** What a check of a signature says; only `Good` is a signature by one of the given keys that counts today. */
export type SignatureVerdict = {
  /** `Invalid`: made by a known key that expired or was revoked, or for something else; `Unknown`: by no known key. */
  readonly result: 'Good' | 'Bad' | 'Invalid' | 'Unknown' | 'None';
  /** The primary key's 16 digits, where the key is known; else those of the key that signed. */
  readonly keyId?: string;
  readonly cipher?: string;
  /** In words for people. */
  readonly message: string;
};

/** An object of a repository that may be signed: a commit, or an annotated tag with the name it is found under. */
export type Signed =
  | { readonly kind: 'commit'; readonly oid: string }
  | { readonly kind: 'tag'; readonly oid: string; readonly name: string };

const limits = { timeoutSeconds: 30, maxOutputBytes: 1024 * 1024 };

/** The words of OpenPGP for its numbers, as GnuPG shows them. */
const ciphers: Readonly<Record<string, string>> = { '1': 'RSA', '17': 'DSA', '19': 'ECDSA', '22': 'EDDSA' };

/** Checks a commit's or a tag's signature against armored public keys, in a keyring that holds nothing else. */
export async function verifySignature(
  setting: GitSetting,
  store: ObjectStore,
  signed: Signed,
  keys: readonly string[],
): Promise<SignatureVerdict> {
  const { stdout } = await catFile(setting, {
    args: [signed.kind, signed.oid],
    cwd: store.dir,
    signal: store.signal,
  });
  const content = stdout.toString('latin1');
  if (!isSigned(content, signed.kind)) return { result: 'None', message: 'Revision is not signed.' };
  const home = await createPrivateFiles(setting.cacheDir);
  try {
    // A newer GnuPG would keep keys in a server of its own, which outlives the run.
    await writeFile(join(home.dir, 'common.conf'), '');
    await writeKeyring(setting, home, keys, store.signal);
    const checked = await runGit(setting, {
      args: [signed.kind === 'tag' ? 'verify-tag' : 'verify-commit', '--raw', signed.oid],
      cwd: store.dir,
      variables: { GNUPGHOME: home.dir },
      signal: store.signal,
    });
    if (/cannot run gpg/.test(checked.stderr)) throw missingGpg();
    const verdict = readStatus(checked.stderr);
    return signed.kind === 'tag' ? sameName(verdict, content, signed.name) : verdict;
  } finally {
    await home.remove();
  }
}

/** Reads what GnuPG states line by line (`[GNUPG:] WORD ...`), of which nothing in a repository can forge one. */
export function readStatus(output: string): SignatureVerdict {
  const lines = output.split('\n').filter((line) => line.startsWith('[GNUPG:] '));
  const stated = lines.map((line) => line.slice('[GNUPG:] '.length).split(' '));
  const judged = stated.filter(([word = '']) => Object.hasOwn(results, word));
  const [first, ...more] = judged;
  const [word = '', signer = ''] = first ?? [];
  // Of several signatures one might be good and another not, so none counts.
  if (more.length > 0) return { result: 'Unknown', message: 'Unknown signature: there are several' };
  const result = ownField(results, word);
  if (result === undefined) {
    return { result: 'Unknown', message: 'Unknown signature: it is not one of GnuPG, or cannot be read' };
  }
  const valid = stated.find(([one]) => one === 'VALIDSIG');
  // The last field is the primary key's fingerprint; the signer may be one of its subkeys.
  const keyId = (valid?.[10] ?? signer).slice(-16).toUpperCase();
  const number = valid?.[7] ?? (word === 'ERRSIG' ? first?.[2] : undefined) ?? '';
  const cipher = ownField(ciphers, number) ?? 'unknown';
  const why = ownField(reasons, word) === undefined ? '' : ` (${ownField(reasons, word)})`;
  return { result, keyId, cipher, message: `${result} signature from ${cipher} key ${keyId}${why}` };
}

const results: Readonly<Record<string, SignatureVerdict['result']>> = {
  GOODSIG: 'Good',
  BADSIG: 'Bad',
  EXPSIG: 'Invalid',
  EXPKEYSIG: 'Invalid',
  REVKEYSIG: 'Invalid',
  ERRSIG: 'Unknown',
};

const reasons: Readonly<Record<string, string>> = {
  EXPSIG: 'the signature has expired',
  EXPKEYSIG: 'the key has expired',
  REVKEYSIG: 'the key was revoked',
  ERRSIG: 'the key is not registered',
};

function isSigned(content: string, kind: Signed['kind']): boolean {
  if (kind === 'tag') return /^-----BEGIN [A-Z ]+-----$/m.test(content);
  const [head = ''] = content.split('\n\n');
  return /^gpgsig(-sha256)? /m.test(head);
}

/** Whoever can move tags could give a signed tag another name, and with it an old release a new version. */
function sameName(verdict: SignatureVerdict, content: string, name: string): SignatureVerdict {
  const written = Buffer.from(/^tag (.*)$/m.exec(content)?.[1] ?? '', 'latin1').toString('utf8');
  if (verdict.result !== 'Good' || written === name) return verdict;
  return {
    ...verdict,
    result: 'Invalid',
    message: `Invalid signature from ${verdict.cipher} key ${verdict.keyId} (it was made for tag ${written})`,
  };
}

/**
 * Lays the keys down as a keyring. `gpg --import` would ask for an agent, which a short-lived home can't have: the
 * path of its socket is too long.
 */
async function writeKeyring(
  setting: GitSetting,
  home: PrivateFiles,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const binaries: Buffer[] = [];
  for (const key of keys) {
    const path = join(home.dir, `key-${binaries.length}.gpg`);
    await run('gpg', ['--batch', '--quiet', '--no-autostart', '--output', path, '--dearmor'], {
      ...limits,
      cwd: home.dir,
      env: { PATH: setting.searchPath, HOME: home.dir, GNUPGHOME: home.dir, LC_ALL: 'C' },
      input: key,
      ...(signal === undefined ? {} : { signal }),
    }).catch((cause: unknown) => {
      throw keyFailure(cause);
    });
    binaries.push(await readFile(path));
  }
  await writeFile(join(home.dir, 'pubring.gpg'), Buffer.concat(binaries), { mode: 0o600 });
}

function keyFailure(cause: unknown): unknown {
  if (!(cause instanceof RunError) || cause.failure === 'aborted') return cause;
  if (cause.failure === 'missing') return missingGpg();
  return new KeelsonError(
    'invalid-argument',
    `GnuPG keys: one cannot be read; add it again (${lastLines(cause.stderr, { lines: 1 })})`,
    { cause },
  );
}

function missingGpg(): KeelsonError {
  return new KeelsonError(
    'tool-missing',
    'gpg: not found in the search path, and a signature is to be checked; install GnuPG where the workers run',
  );
}
