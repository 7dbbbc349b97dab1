import type { Manifest } from '../../object/manifest/manifest.ts';
import type { PlanStep } from './plan.ts';

/** A step that has no wave order in the plan yet. */
export type Task = Omit<PlanStep, 'step' | 'batch'> & {
  /** Absent for prunes. */
  readonly manifest?: Manifest;
  /** What is wrong with the object, for people; a sync with such a task is refused. */
  readonly problem?: string;
};
