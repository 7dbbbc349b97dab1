import { z } from 'zod';

/** Command that prints a credential, as kubeconfig files name it. */
export const ExecCredential = z.object({
  apiVersion: z.string().optional(),
  command: z.string().min(1),
  args: z.array(z.string()).optional(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
});
export type ExecCredential = z.infer<typeof ExecCredential>;

/**
 * Where a cluster is, how it is recognised and who we are there. Plain JSON, stored encrypted. Certificates and
 * keys are PEM texts.
 */
export const ClusterCredentials = z.object({
  name: z.string().min(1),
  server: z
    .url({ protocol: /^https?$/ })
    .refine(
      (server) => URL.parse(server)?.username === '',
      'user names do not belong into the server address',
    ),
  tls: z.object({
    caData: z.string().optional(),
    certData: z.string().optional(),
    keyData: z.string().optional(),
    serverName: z.string().optional(),
    /** Skips the check of the server's certificate. */
    insecure: z.boolean().optional(),
  }),
  bearerToken: z.string().optional(),
  /** File with a token that its issuer rotates, such as a pod's service account token. */
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  exec: ExecCredential.optional(),
  impersonate: z.object({ user: z.string(), groups: z.array(z.string()).optional() }).optional(),
});
export type ClusterCredentials = z.infer<typeof ClusterCredentials>;
