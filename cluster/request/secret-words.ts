import type { ResourceKey } from '../../core/object/key.ts';

/** The parts of a refusal that carry words. */
export type Refusal = {
  readonly message?: string | undefined;
  readonly details?:
    | {
        readonly causes?:
          | readonly { readonly field?: string | undefined; readonly reason?: string | undefined }[]
          | undefined;
      }
    | null
    | undefined;
};

/** Whether the server's words about this object may quote what must stay secret. */
export function mayEchoValues(key: ResourceKey | undefined): boolean {
  return key !== undefined && key.group === '' && key.kind === 'Secret';
}

/** Forms of messages that are made of names alone. */
const harmless = [
  /^\S+ "[^"]*" (not found|already exists)$/,
  /^\S+ "[^"]*" is forbidden: User "[^"]*" cannot \S+ resource "[^"]*" in API group "[^"]*"[^:;]*$/,
  /^Operation cannot be fulfilled on \S+ "[^"]*": (the object has been modified|StorageError: invalid object|the UID in the precondition)/,
  /^Apply failed with \d+ conflicts?/,
  /^(the server (could not find|has asked for|is currently unable|was unable)|Unauthorized|Too many requests)/i,
];

/**
 * A refusal in words that can't quote a value. Validation, decoding and admission webhooks quote what they dislike,
 * so only known forms pass; of others the field names remain.
 */
export function hiddenReason(status: Refusal): string {
  const message = status.message ?? '';
  if (harmless.some((form) => form.test(message))) return message;
  const fields = new Set<string>();
  for (const cause of status.details?.causes ?? []) {
    if (cause.field && /^[\w.[\]/-]{1,200}$/.test(cause.field))
      fields.add(`${cause.field} (${cause.reason ?? 'invalid'})`);
  }
  const named = fields.size === 0 ? '' : `${[...fields].join(', ')} `;
  return `${named}[the server's words are hidden because they may quote secret values]`;
}
