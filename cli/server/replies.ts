import { z } from 'zod';
import { ApplicationMetadata, ApplicationSpec } from '../../core/application/spec/spec.ts';
import { ApplicationOperation } from '../../core/application/spec/sync-policy.ts';
import { ApplicationStatus, Health } from '../../core/application/status.ts';
import { operationPhases } from '../../core/sync/operation/operation.ts';
import type { OperationView } from '../../core/wire/operation.ts';

/** An application as the server returns it; fields that the command line never reads stay in it. */
export const ApplicationReply = z.looseObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: ApplicationMetadata,
  spec: ApplicationSpec,
  operation: ApplicationOperation.nullish(),
  status: ApplicationStatus.nullish(),
});
export type ApplicationReply = z.infer<typeof ApplicationReply>;

/** The items of a list reply; a list is null when it is empty on servers written in other languages. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .looseObject({ items: z.array(item).nullish() })
    .transform((list): z.infer<Item>[] => list.items ?? []);
}

export const ApplicationListReply = listOf(ApplicationReply);

/** An application of which only some fields were asked for; its name is always among them. */
export const PickedApplication = ApplicationReply.partial({ spec: true });
export type PickedApplication = z.infer<typeof PickedApplication>;
export const PickedListReply = listOf(PickedApplication);

const ResourceRef = z.looseObject({
  group: z.string().optional(),
  version: z.string().optional(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  uid: z.string().optional(),
});

/** One object of an application's tree. */
export const TreeNode = ResourceRef.extend({
  parentRefs: z.array(ResourceRef).nullish(),
  health: Health.nullish(),
});
export type TreeNode = z.infer<typeof TreeNode>;

/** The live objects of an application, and those of its namespace that nobody manages. */
export const TreeReply = z.looseObject({
  nodes: z.array(TreeNode).nullish(),
  orphanedNodes: z.array(TreeNode).nullish(),
});
export type TreeReply = z.infer<typeof TreeReply>;

/** Both sides of one managed object; states are JSON texts, absent or `null` for an object that is not there. */
export const ManagedResource = z.looseObject({
  group: z.string().optional(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  targetState: z.string().nullish(),
  liveState: z.string().nullish(),
  normalizedLiveState: z.string().nullish(),
  predictedLiveState: z.string().nullish(),
  modified: z.boolean().nullish(),
  hook: z.boolean().nullish(),
});
export type ManagedResource = z.infer<typeof ManagedResource>;

export const ManagedResourcesReply = listOf(ManagedResource);

/** An action that is offered for an object. */
const ActionReply = z.looseObject({
  name: z.string(),
  disabled: z.boolean().nullish(),
  reason: z.string().nullish(),
});
export type ActionReply = z.infer<typeof ActionReply>;

export const ActionListReply = z.looseObject({ actions: z.array(ActionReply).nullish() });

export const SessionReply = z.looseObject({ token: z.string().min(1) });

/** Who is logged in; without a login nobody, and then the name is empty. */
export const UserInfoReply = z.looseObject({
  loggedIn: z.boolean().nullish(),
  username: z.string().nullish(),
});

/** Versions of the server and its tools; without a login only the first. */
export const VersionReply = z.looseObject({ Version: z.string() });
export type VersionReply = z.infer<typeof VersionReply>;

export const SyncWindowsReply = z.looseObject({ canSync: z.boolean().nullish() });

/** One operation; its shape is fixed in core, so only what would break a reader is checked. */
export const OperationReply = z.custom<OperationView>(isOperationView, 'not an operation');

export const OperationListReply = listOf(OperationReply);

const phases: ReadonlySet<unknown> = new Set(operationPhases);

function isOperationView(value: unknown): value is OperationView {
  if (typeof value !== 'object' || value === null) return false;
  const lists = ['groups', 'failureGroups', 'steps', 'waits'].map((field) => Reflect.get(value, field));
  const texts = ['id', 'application', 'kind', 'requestedAt'].map((field) => Reflect.get(value, field));
  return (
    phases.has(Reflect.get(value, 'phase')) &&
    lists.every(Array.isArray) &&
    texts.every((text) => typeof text === 'string')
  );
}

const SettingsMap = z.record(z.string(), z.string());

/** The words that set the installation, and what is to be known about their keys. */
export const SettingsReply = z.looseObject({
  configMaps: z.object({
    'argocd-cm': SettingsMap.exactOptional(),
    'argocd-cmd-params-cm': SettingsMap.exactOptional(),
    'argocd-cmp-cm': SettingsMap.exactOptional(),
  }),
  problems: z.array(
    z.object({
      configMap: z.enum(['argocd-cm', 'argocd-cmd-params-cm', 'argocd-cmp-cm']),
      key: z.string(),
      message: z.string(),
      weight: z.enum(['unsafe', 'invalid', 'unused']),
    }),
  ),
  /** Whether the request changed anything; absent from a look. */
  changed: z.boolean().optional(),
});
export type SettingsReply = z.infer<typeof SettingsReply>;
