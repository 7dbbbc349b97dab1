import { z } from 'zod';
import { ObjectKey } from './object-key.ts';
import { frame, plainList } from './shape.ts';

/** One object as it is desired, as it is, and as a sync would leave it; states are JSON texts, `null` for none. */
export const ResourceDiff = ObjectKey.extend({
  targetState: z.string(),
  liveState: z.string(),
  /** The live object as the comparison saw it. */
  normalizedLiveState: z.string(),
  predictedLiveState: z.string(),
  resourceVersion: z.string(),
  modified: z.boolean(),
  hook: z.boolean(),
});
export type ResourceDiff = z.infer<typeof ResourceDiff>;

/** The objects of an application, both sides of each. */
export const ResourceDiffList = plainList(ResourceDiff);
export type ResourceDiffList = z.infer<typeof ResourceDiffList>;

/** The live manifest of one object, as a JSON text. */
export const LiveManifest = z.object({ manifest: z.string() });
export type LiveManifest = z.infer<typeof LiveManifest>;

/** A line of a pod's log; an empty one with `last` set ends it. */
export const LogEntry = z.object({
  content: z.string(),
  timeStamp: z.string().exactOptional(),
  timeStampStr: z.string(),
  podName: z.string(),
  last: z.boolean(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** One message of a log's stream. */
export const LogFrame = frame(LogEntry);
export type LogFrame = z.infer<typeof LogFrame>;
