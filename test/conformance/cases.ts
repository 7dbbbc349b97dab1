import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { IgnoreDifference } from '../../core/application/spec/sync-policy.ts';
import { healthStatuses } from '../../core/application/words.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';

/** What a case expects of its object, what it rests on, and why. */
const Expected = z.strictObject({
  /** `none` for an object whose kind has no health. */
  status: z.enum([...healthStatuses, 'none']),
  message: z.string().optional(),
  source: z.string().min(1),
  why: z.string().min(1),
});

export type HealthCase = {
  /** Folder of the kind and of the case. */
  readonly name: string;
  readonly kindFolder: string;
  readonly object: Manifest;
  readonly expected: z.infer<typeof Expected>;
};

const ExpectedAction = z
  .strictObject({
    action: z.string(),
    parameters: z.record(z.string(), z.string()).optional(),
    /** The merge patch of the object that the action comes to. */
    patch: z.looseObject({}).optional(),
    created: z.array(z.looseObject({})).optional(),
    /** Why the object's state doesn't allow it. */
    refused: z.string().optional(),
    /** The error for the given parameters. */
    fails: z.string().optional(),
    source: z.string().min(1),
    why: z.string().min(1),
  })
  .refine((one) => one.patch ?? one.created ?? one.refused ?? one.fails, 'expects nothing');

export type ActionCase = {
  readonly name: string;
  readonly kindFolder: string;
  readonly object: Manifest;
  readonly expected: z.infer<typeof ExpectedAction>;
};

type ListedObjects = { readonly live?: readonly Manifest[]; readonly missing?: readonly Manifest[] };

export type AggregationCase = {
  readonly name: string;
  readonly objects: readonly { readonly object: Manifest; readonly live: boolean }[];
  readonly expected: z.infer<typeof Expected>;
};

const ExpectedDiff = z
  .strictObject({
    /** What of the object is compared. */
    object: z.looseObject({}).optional(),
    /** Part of what is said about rules that can't be used. */
    fails: z.string().optional(),
    source: z.string().min(1),
    why: z.string().min(1),
  })
  .refine((one) => one.object ?? one.fails, 'expects nothing');

type DiffRules = {
  /** Words of `argocd-cm`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Rules of the application. */
  readonly ignoreDifferences?: readonly IgnoreDifference[];
};

export type DiffCase = {
  readonly name: string;
  readonly object: Manifest;
  readonly rules: DiffRules;
  readonly expected: z.infer<typeof ExpectedDiff>;
};

/** Folders of cases below `area`: one per kind, one per case in it. */
export function caseFolders(area: string): { name: string; kindFolder: string; path: string }[] {
  const root = join(import.meta.dirname, area);
  return folders(root).flatMap((kindFolder) =>
    folders(join(root, kindFolder)).map((name) => ({
      name: `${kindFolder}/${name}`,
      kindFolder,
      path: join(root, kindFolder, name),
    })),
  );
}

/** One document of a case. */
export function readDocument(path: string, file: string): unknown {
  return parse(readFileSync(join(path, file), 'utf8'));
}

/** Every case of `test/conformance/health`. */
export function readHealthCases(): HealthCase[] {
  return caseFolders('health').map(({ name, kindFolder, path }) => ({
    name,
    kindFolder,
    object: readDocument(path, 'object.yaml') as Manifest,
    expected: Expected.parse(readDocument(path, 'expected.yaml'), { error: () => name }),
  }));
}

/** Every case of `test/conformance/action`. */
export function readActionCases(): ActionCase[] {
  return caseFolders('action').map(({ name, kindFolder, path }) => ({
    name,
    kindFolder,
    object: readDocument(path, 'object.yaml') as Manifest,
    expected: ExpectedAction.parse(readDocument(path, 'expected.yaml'), { error: () => name }),
  }));
}

/** Every case of `test/conformance/aggregation`: the live objects of an application, and those it lacks. */
export function readAggregationCases(): AggregationCase[] {
  const root = join(import.meta.dirname, 'aggregation');
  return folders(root).map((name) => {
    const { live, missing } = readDocument(join(root, name), 'objects.yaml') as ListedObjects;
    const marked = (objects: readonly Manifest[] | undefined, isLive: boolean) =>
      (objects ?? []).map((object) => ({ object, live: isLive }));
    return {
      name,
      objects: [...marked(live, true), ...marked(missing, false)],
      expected: Expected.parse(readDocument(join(root, name), 'expected.yaml'), { error: () => name }),
    };
  });
}

/** Every case of `test/conformance/diff`. */
export function readDiffCases(): DiffCase[] {
  const root = join(import.meta.dirname, 'diff');
  return folders(root).map((name) => ({
    name,
    object: readDocument(join(root, name), 'object.yaml') as Manifest,
    rules: readDocument(join(root, name), 'rules.yaml') as DiffRules,
    expected: ExpectedDiff.parse(readDocument(join(root, name), 'expected.yaml'), { error: () => name }),
  }));
}

function folders(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}
