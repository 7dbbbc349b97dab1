import { useSyncExternalStore } from 'react';

/** Wide enough for two columns side by side; the same width as in the stylesheets. */
const wide = '(min-width: 900px)';

/** Whether the window is wide, re-rendering when it becomes so or stops being so. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(wide).matches);
}

function subscribe(notify: () => void): () => void {
  const media = window.matchMedia(wide);
  media.addEventListener('change', notify);
  return () => media.removeEventListener('change', notify);
}
