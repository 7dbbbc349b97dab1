import { hash } from 'node:crypto';
import {
  type ComparablePair,
  type CompareTools,
  comparablePair,
  comparePair,
  isProvenEqual,
} from '../../../cluster/compare/compare-object.ts';
import { createConversions } from '../../../cluster/compare/conversions.ts';
import { createByteCache } from '../../../core/byte-cache.ts';
import { liveFingerprintSource } from '../../../core/diff/compare.ts';
import type { CompareContext } from '../../../core/diff/context.ts';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { isCustomResourceDefinition } from '../../../core/object/manifest/definition.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { createLimiter } from '../../../platform/limiter.ts';

/** Some 50,000 verdicts of a cluster, most of them a yes or no. */
const rememberedBytes = 24 * 1024 * 1024;
/** The promise of a verdict. */
const verdictBytes = 200;
/** Kinds that decide about others have few objects. */
const generationBytes = 1024 * 1024;
/** Dry runs of one cluster at once: comparisons must not crowd out the syncs of the same API server. */
const parallelDryRuns = 10;
/** A verdict also depends on quotas, schemas and policies, which nobody watches for it. */
const longestMilliseconds = 60 * 60 * 1000;

export type Verdict = {
  readonly changed: boolean;
  /** Why the API server couldn't tell, when it couldn't; the verdict is made without it then. */
  readonly reason?: string;
};

/** Tells whether applying a manifest would change the live object. */
export type Verdicts = {
  /** Asks the API server only where memory can't tell, and once per pair of contents. */
  compare(
    desired: { readonly manifest: Manifest; readonly digest: string },
    live: Manifest,
    context: CompareContext,
  ): Promise<Verdict>;
  /** An object of the cluster changed: where it decides what an apply does, verdicts are forgotten. */
  objectChanged(object: Manifest): void;
};

/** Kinds whose objects decide what becomes of other objects that are applied. */
const deciding: ReadonlySet<string> = new Set([
  'CustomResourceDefinition',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

type Known = { readonly verdict: Promise<Verdict>; readonly until: number };

/** An empty memory of verdicts over one cluster. */
export function createVerdicts(
  tools: CompareTools,
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
): Verdicts {
  const known = createByteCache<Known>(rememberedBytes);
  const conversions = createConversions(tools.client);
  const limiter = createLimiter(parallelDryRuns);
  const generations = createByteCache<number>(generationBytes);
  const contexts = new WeakMap<CompareContext, string>();

  function contextDigest(context: CompareContext): string {
    const found = contexts.get(context) ?? digestOf(canonicalJson(context));
    contexts.set(context, found);
    return found;
  }

  async function ask(pair: ComparablePair, context: CompareContext): Promise<Verdict> {
    const { changed, reason } = await limiter.run(() => comparePair(tools, pair, context));
    return { changed, ...(reason === undefined ? {} : { reason }) };
  }

  return {
    async compare(desired, live, context) {
      const pair = await comparablePair(conversions, desired.manifest, live, context);
      if (isProvenEqual(pair.desired, pair.live, context)) return { changed: false };
      const id = `${desired.digest}/${digestOf(liveFingerprintSource(pair.live))}/${contextDigest(context)}`;
      const found = known.get(id);
      if (found !== undefined && found.until > now()) return await found.verdict;
      const verdict = ask(pair, context);
      // Spread, so that what was asked at once is not asked again at once.
      const entry = { verdict, until: now() + longestMilliseconds * (0.5 + random() / 2) };
      known.set(id, entry, verdictBytes);
      verdict.then(
        ({ reason = '' }) => reason !== '' && known.set(id, entry, verdictBytes + reason.length * 2),
        () => known.delete(id),
      );
      return await verdict;
    },
    objectChanged(object) {
      if (isCustomResourceDefinition(object)) conversions.forget();
      if (!deciding.has(object.kind)) return;
      const { uid = '', generation = 0, deletionTimestamp } = object.metadata;
      // Status and labels of such an object decide nothing.
      if (generations.get(uid) === generation && deletionTimestamp === undefined) return;
      generations.set(uid, generation, 0);
      known.clear();
    },
  };
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64');
}
