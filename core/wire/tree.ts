import { z } from 'zod';
import { healthStatuses } from '../application/words.ts';
import { ObjectKey } from './object-key.ts';
import { frame, list, none, texts, textsByName } from './shape.ts';

/** Another object of the tree, as a node points to it. */
const ResourceRef = ObjectKey.extend({ uid: z.string().exactOptional() });
export type ResourceRef = z.infer<typeof ResourceRef>;

/** What the network view draws between objects. */
const NodeNetwork = z.object({
  /** Labels of the pods that traffic goes to. */
  targetLabels: textsByName.exactOptional(),
  targetRefs: list(ObjectKey).exactOptional(),
  /** Own labels of pods, which `targetLabels` are matched with. */
  labels: textsByName.exactOptional(),
  ingress: list(z.object({ hostname: z.string().optional(), ip: z.string().optional() })).exactOptional(),
  externalURLs: texts.exactOptional(),
});

/** One live object of an application, or a desired one that is missing. */
export const TreeNode = ResourceRef.extend({
  version: z.string(),
  parentRefs: list(ResourceRef),
  /** Short facts for people, such as ready containers. */
  info: list(z.object({ name: z.string(), value: z.string() })),
  networkingInfo: NodeNetwork.exactOptional(),
  resourceVersion: z.string().exactOptional(),
  images: texts,
  health: z.object({ status: z.enum(healthStatuses), message: z.string().exactOptional() }).exactOptional(),
  createdAt: z.string().exactOptional(),
});
export type TreeNode = z.infer<typeof TreeNode>;

/** A node as it is stored, with a mark where the object is of no application. */
export type StoredNode = TreeNode & { readonly orphaned?: true };

/** The objects of an application, parents before children; beside them those of no application in its namespace. */
export const ResourceTree = z.object({ nodes: list(TreeNode), orphanedNodes: list(TreeNode), hosts: none });
export type ResourceTree = z.infer<typeof ResourceTree>;

/** One message of the tree's stream. */
export const ResourceTreeFrame = frame(ResourceTree);
export type ResourceTreeFrame = z.infer<typeof ResourceTreeFrame>;
