/** How a repository is spoken to. */
export const repositoryTypes = ['git', 'helm', 'oci'] as const;
export type RepositoryType = (typeof repositoryTypes)[number];

/** What the last connection test of a repository or cluster came to. */
export const connectionStatuses = ['Unknown', 'Successful', 'Failed'] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];
