import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RenderTools } from '../../activities/render/render.ts';
import lock from '../../local/tools.lock.json' with { type: 'json' };

export async function renderTools(): Promise<RenderTools> {
  const path = (name: 'helm' | 'kustomize') =>
    join(homedir(), '.cache/keelson/tools', name, `${lock.tools[name].version}-linux-amd64`, name);
  if (!existsSync(path('helm'))) throw new Error('no helm');
  return { helm: path('helm'), kustomize: path('kustomize') };
}
