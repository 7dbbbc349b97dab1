/** A block whose feature stands: what is put around it, where it is a fragment, and the effect that shows it. */
export type CoveredRow = { readonly block: string; readonly frame: string; readonly shows: string };

/** A block that is not covered yet, and the subject that will cover it. */
export type OpenRow = { readonly block: string; readonly subject: string };

const hosts =
  'its hosts are led to this machine by the proxy field of repositories, their certificates trusted';

/** Every block whose effect a test sees, by the file that holds it as users type it. */
export const coveredRows = [
  {
    block: '04.1-1.yaml',
    frame: 'the container of the reference is the role server, started with its flags',
    shows:
      'its probe is answered on the port where nobody says another, and what means nothing here is named',
  },
  {
    block: '04.2-1.yaml',
    frame: 'the container of the reference is the role worker, started with its flags and variables',
    shows: 'the time and the number of renders are taken, and what means nothing here is named',
  },
  {
    block: '04.3-1.yaml',
    frame: 'the container of the reference is the role session, started with its flags and variables',
    shows: 'interval and pause of self-heals are taken, and what means nothing here is named',
  },
  {
    block: '06.1-1.yaml',
    frame: `project my-project, which permits all; ${hosts}`,
    shows:
      'it is synced by itself into the namespace that it makes, and what scales its Deployment is left alone',
  },
  {
    block: '06.2-1.yaml',
    frame: hosts,
    shows: 'the chart is rendered with both value files of the other repository',
  },
  {
    block: '06.3-1.yaml',
    frame: `project monitoring; a small chart under the name and version of the large one; ${hosts}`,
    shows: 'values, parameter and CustomResourceDefinitions of the chart reach the cluster',
  },
  {
    block: '06.4-1.yaml',
    frame: hosts,
    shows: 'image, labels, annotations, prefix and namespace of the Deployment are as the options say',
  },
  {
    block: '06.5-1.txt',
    frame: 'the tree of a repository, whose root is the folder',
    shows: 'the repository of the next block has each of its files',
  },
  {
    block: '06.5-2.yaml',
    frame: hosts,
    shows: 'its children are made as objects of the cluster, and each is synced by itself',
  },
  {
    block: '06.5-3.yaml',
    frame: 'the file of the repository',
    shows: 'it deploys into the namespace that it makes, as an object of its parent',
  },
  {
    block: '07.1-2.yaml',
    frame: 'the proxy field is added, as it leads to the host',
    shows: 'the repository is read with the password of the Secret',
  },
  {
    block: '07.2-1.yaml',
    frame: hosts,
    shows: 'a repository without credentials is read with those of its template',
  },
  {
    block: '08.1-1.sh',
    frame: 'argocd is the command keelson; the application of 6.1',
    shows: 'each sync is carried out, and the kind without its group is named',
  },
  { block: '08.1-2.yaml', frame: 'fields of an application', shows: 'it syncs, heals and prunes by itself' },
  {
    block: '08.2-1.yaml',
    frame: 'fields of an application',
    shows: 'the namespace is made, and all options are taken',
  },
  {
    block: '08.3-1.yaml',
    frame: 'Deployment and Service get the fields without which no API server takes them',
    shows: 'objects are written in the order of their waves',
  },
  {
    block: '08.3-2.yaml',
    frame: 'beside a ConfigMap',
    shows: 'the Job runs before the rest and is gone when it has succeeded',
  },
  {
    block: '09.3-1.yaml',
    frame: 'a definition of Certificate that is ours',
    shows: 'health follows the script, from waiting to ready',
  },
  {
    block: '10.1-1.yaml',
    frame: `fields of an application; ${hosts}`,
    shows: 'value files, values and parameters are laid over each other in their order',
  },
  {
    block: '10.2-1.yaml',
    frame: `fields of an application; ${hosts}`,
    shows: 'image, label, prefix and namespace are as the options say',
  },
  {
    block: '10.3-1.yaml',
    frame:
      'the annotation keelson.dev/network, without which nothing is fetched; a registry on this machine whose cdk8s writes one object',
    shows: 'a repository with cdk8s.yaml is rendered by the plugin, which installs its package first',
  },
  {
    block: '13.1-1.yaml',
    frame: 'whole',
    shows: 'another repository and another namespace are refused, and its role reads its applications alone',
  },
  {
    block: '13.2-1.yaml',
    frame: 'whole',
    shows: 'each role may what its lines say, and whoever has none may read',
  },
  {
    block: '15.1-1.yaml',
    frame: 'whole',
    shows: 'deliveries are believed with its secret alone',
  },
  {
    block: '15.2-1.yaml',
    frame: 'the steps are run as a script after a clone, with the expressions of the runner filled in',
    shows: 'the pushed image is deployed',
  },
  {
    block: '18.1-1.yaml',
    frame: 'data of argocd-cm; a definition of Rollout that is ours',
    shows: 'the actions are offered, and one of them changes the object',
  },
  {
    block: '19.1-1.yaml',
    frame: 'fields of an application with a Deployment and a webhook configuration',
    shows: 'what scales and what fills in a certificate leaves it Synced',
  },
  {
    block: '19.2-1.yaml',
    frame: 'data of argocd-cm; definitions of Backup and CiliumIdentity that are ours',
    shows: 'what is excluded is no part of an application',
  },
  {
    block: '20-1.sh',
    frame: 'argocd is the command keelson, with the kubeconfig of kubectl',
    shows: 'what was changed since is as in the backup again, and what it had deployed is as it was',
  },
  {
    block: '21.1-1.yaml',
    frame: 'whole',
    shows: 'what is mapped is in force, and the processors are named as unused',
  },
  {
    block: '21.2-1.yaml',
    frame: 'its container is the role session, started with its variables',
    shows: 'both are named at the start as what means nothing here',
  },
] as const satisfies readonly CoveredRow[];

/** The name of a covered block's file. */
export type CoveredBlock = (typeof coveredRows)[number]['block'];

const bridge = 'the home cluster';
const fleets = 'application sets and rolling rollouts';
const accounts = 'accounts and sign-on';
const production = 'running in production';
const images = 'image updates and secret placeholders';
const clusters = 'many clusters';

/** Every other block. The list only gets shorter. */
export const openRows: readonly OpenRow[] = [
  { block: '04.4-1.yaml', subject: production },
  { block: '05.1-1.sh', subject: production },
  { block: '05.1-2.sh', subject: production },
  { block: '05.1-3.yaml', subject: production },
  { block: '05.2-1.sh', subject: accounts },
  { block: '05.3-1.yaml', subject: accounts },
  { block: '07.1-1.sh', subject: bridge },
  { block: '11.1-1.yaml', subject: fleets },
  { block: '11.2-1.yaml', subject: fleets },
  { block: '12.1-1.sh', subject: clusters },
  { block: '12.1-2.yaml', subject: clusters },
  { block: '14.1-1.yaml', subject: accounts },
  { block: '14.2-1.yaml', subject: accounts },
  { block: '16-1.yaml', subject: 'notifications' },
  { block: '16-2.yaml', subject: 'notifications' },
  { block: '17-1.yaml', subject: images },
  { block: '22.2-1.yaml', subject: accounts },
  { block: '22.3-1.yaml', subject: production },
  { block: '23.1-1.sh', subject: clusters },
  { block: '24.1-1.txt', subject: fleets },
  { block: '24.2-1.yaml', subject: fleets },
];

/** How many are open: lowered with each that is covered, and never raised. */
export const mostOpen = 21;
