/** States of Percona's operators, for whichever database. */
export const perconaStates = {
  ready: 'Healthy',
  initializing: 'Progressing',
  stopping: 'Progressing',
  paused: 'Suspended',
  error: 'Degraded',
} as const;
