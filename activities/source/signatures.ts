import { repositoryKindOf } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { demandedKeys } from '../../core/project/roles/signature-keys.ts';
import { findEffectiveProject, type ProjectReader } from '../../db/queries/project/effective-project.ts';
import { listGpgKeys } from '../../db/queries/repository/gpg-key.ts';
import type { RenderDeps } from '../deps.ts';
import { tagsAt } from '../git/access/refs.ts';
import type { SignatureVerdict } from '../git/git.ts';
import type { ResolvedSource } from './resolve.ts';
import { refusalOf } from './signature-words.ts';

type SignatureDeps = Pick<RenderDeps, 'db' | 'git'> & ProjectReader;

/** What is said of a source's signature: its repository, its commit, and the ref that led to it. */
export type SignedSource = Pick<ResolvedSource, 'source' | 'access' | 'revision' | 'ref'> & {
  readonly signal?: AbortSignal | undefined;
};

/** Annotated tags that are looked at where a commit was asked for by its SHA. */
const mostTags = 10;

/** Refuses sources in Git that are not signed by one of the keys that their project demands. */
export async function requireSignatures(
  deps: SignatureDeps,
  project: string,
  sources: readonly SignedSource[],
): Promise<void> {
  const demanded = await demandOf(deps, project);
  if (demanded === undefined) return;
  const refusal = await signatureRefusal(deps, { project, demanded, sources });
  if (refusal !== undefined) throw new KeelsonError('precondition-failed', refusal);
}

/** What is to be said of the signature that a sync of a commit would go by; nothing where its project demands none. */
export async function signatureInfo(
  deps: SignatureDeps,
  project: string,
  source: Omit<SignedSource, 'source'>,
): Promise<{ readonly signatureInfo?: string }> {
  const demanded = await demandOf(deps, project);
  if (demanded === undefined) return {};
  const keys = (await listGpgKeys(deps.db)).map(({ content }) => content);
  const { verdict } = await judge(deps, source, { project, demanded, keys });
  return { signatureInfo: verdict.message };
}

/** Refuses manifests that somebody uploaded where their project demands signatures, which they can't have. */
export async function refuseUnsignedUpload(deps: ProjectReader, project: string): Promise<void> {
  if ((await demandOf(deps, project)) === undefined) return;
  throw new KeelsonError(
    'precondition-failed',
    `Cannot use local manifests when signature verification is required; commit them, signed by a key of project "${project}"`,
  );
}

/** The keys that a project demands; a project that can't be read might demand any, so it is an error. */
async function demandOf(deps: ProjectReader, name: string): Promise<string[] | undefined> {
  const project = await findEffectiveProject(deps, name);
  if (project.usable) return demandedKeys(project.project.spec);
  if (project.reason === 'missing') return undefined;
  throw new KeelsonError('precondition-failed', project.message);
}

/** Why sources may not be deployed by their signatures; undefined where they may. */
export async function signatureRefusal(
  deps: Pick<RenderDeps, 'db' | 'git'>,
  {
    project,
    demanded,
    sources,
  }: { project: string; demanded: readonly string[]; sources: readonly SignedSource[] },
): Promise<string | undefined> {
  const keys = (await listGpgKeys(deps.db)).map(({ content }) => content);
  const check = { project, demanded, keys };
  for (const source of sources) {
    if (repositoryKindOf(source.source) !== 'git') continue;
    const { refusal } = await judge(deps, source, check);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

type Check = {
  readonly project: string;
  readonly demanded: readonly string[];
  readonly keys: readonly string[];
};

type Judged = { readonly verdict: SignatureVerdict; readonly refusal: string | undefined };

async function judge(
  { git }: Pick<RenderDeps, 'git'>,
  { access, revision: sha, ref, signal }: Omit<SignedSource, 'source'>,
  { project, demanded, keys }: Check,
): Promise<Judged> {
  const ask = async (by: string | undefined): Promise<Judged> => {
    const verdict = await git.verifySignature({ access, sha, ref: by, keys });
    return { verdict, refusal: refusalOf(verdict, { project, demanded, revision: sha, url: access.url }) };
  };
  const first = await ask(ref);
  if (first.refusal === undefined || ref !== undefined) return first;
  // An automated sync and a rollback name the commit that a tag has led to.
  const refs = await git.listRefs({ access, signal });
  for (const tag of tagsAt(refs, sha).slice(0, mostTags)) {
    const judged = await ask(`refs/tags/${tag}`);
    if (judged.refusal === undefined) return judged;
  }
  return first;
}
