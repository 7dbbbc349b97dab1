/** Name and address under which the home cluster is registered, whatever its real address is. */
export const homeCluster = { name: 'in-cluster', server: 'https://kubernetes.default.svc' } as const;

/** Under this name the API owns what it writes to objects of the home cluster. */
export const apiManager = 'keelson-api';

/** How it writes a whole object: fields that its definition doesn't know are somebody's, and stay without a word. */
export const apiWrite = { fieldManager: apiManager, fieldValidation: 'Ignore' } as const;
