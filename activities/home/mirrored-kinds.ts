import { applicationKind } from './application-kind.ts';
import type { HomeMirror, MirroredKind } from './home-mirror.ts';
import { projectKind } from './project-kind.ts';
import { settingsKinds } from './settings/settings-kinds.ts';

/** What of the home cluster is mirrored, in no order: each kind has a watch of its own. */
export function mirroredKinds(mirror: HomeMirror): readonly MirroredKind[] {
  return [projectKind(mirror), applicationKind(mirror), ...settingsKinds(mirror)];
}
