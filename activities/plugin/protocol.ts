import { z } from 'zod';
import type { Discovery } from '../../core/plugin/plugin-file.ts';

/**
 * How worker and sidecar speak over a socket: HTTP, the body of a task is a tar archive of a file that says what is
 * wanted and a folder with the source's files. A sidecar of another version is refused by its number.
 */
export const protocolVersion = 1;

/** Paths of the tasks. */
export const taskPaths = { ask: '/match', generate: '/generate', parameters: '/parameters' } as const;
export type TaskName = keyof typeof taskPaths;

/** Names of the members of a task's archive. */
export const taskMembers = { request: 'request.json', files: 'files' } as const;

/** What is wanted of a task. */
export const TaskRequest = z.object({
  /** The source's folder, from the root of the files. */
  path: z.string(),
  variables: z.record(z.string(), z.string()),
  timeoutSeconds: z.number().positive(),
  maxOutputBytes: z.number().positive(),
});
export type TaskRequest = z.infer<typeof TaskRequest>;

const Command = z.object({ command: z.array(z.string()), args: z.array(z.string()) });

/** What a sidecar says of its plugin. */
export const PluginReply = z.object({
  protocol: z.literal(protocolVersion),
  name: z.string(),
  version: z.string(),
  discovery: z.object({
    fileName: z.string().optional(),
    glob: z.string().optional(),
    command: Command.optional(),
  }) satisfies z.ZodType<Discovery>,
});

/** A failure in words, as a sidecar answers. */
export const FailureReply = z.object({ code: z.string(), message: z.string(), retryable: z.boolean() });
export type FailureReply = z.infer<typeof FailureReply>;
