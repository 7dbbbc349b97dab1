import type { ReactNode } from 'react';

/** Drawings on a 16 x 16 grid, stroked in the text's colour unless they say otherwise. */
const drawings = {
  heart: (
    <path d="M8 13.5 2.9 8.4a3.1 3.1 0 1 1 4.4-4.4l.7.7.7-.7a3.1 3.1 0 1 1 4.4 4.4Z" fill="currentColor" />
  ),
  'heart-broken': (
    <>
      <path d="M8 13.5 2.9 8.4a3.1 3.1 0 1 1 4.4-4.4l.7.7.7-.7a3.1 3.1 0 1 1 4.4 4.4Z" fill="currentColor" />
      <path d="m8.6 3.8-1.8 3 2.4 1.4-1.6 3.4" stroke="var(--surface)" strokeWidth="1.4" />
    </>
  ),
  spinner: (
    <>
      <circle cx="8" cy="8" r="5.8" opacity=".28" strokeWidth="2" />
      <path d="M8 2.2A5.8 5.8 0 0 1 13.8 8" strokeWidth="2" />
    </>
  ),
  pause: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.4 5.6v4.8M9.6 5.6v4.8" />
    </>
  ),
  ghost: (
    <>
      <path d="M3 13.7V7a5 5 0 0 1 10 0v6.7l-1.7-1.4-1.6 1.4L8 12.3l-1.7 1.4-1.6-1.4Z" />
      <path d="M6.2 7.2v.01M9.8 7.2v.01" strokeWidth="2" />
    </>
  ),
  question: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.3 6.3a1.7 1.7 0 1 1 2.5 1.5c-.6.35-.8.7-.8 1.3M8 11.3v.01" />
    </>
  ),
  check: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.4 8.2 1.8 1.8 3.4-3.7" />
    </>
  ),
  'arrow-up': (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 11V5.2M5.5 7.5 8 5l2.5 2.5" />
    </>
  ),
  cross: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m6 6 4 4M10 6l-4 4" />
    </>
  ),
  trash: <path d="M2.8 4.3h10.4M6.3 4.2V2.7h3.4v1.5M4 4.5l.6 8.8h6.8l.6-8.8M6.8 7v3.8M9.2 7v3.8" />,
  dot: <circle cx="8" cy="8" r="3.2" />,
  skip: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.2 2.2" />
      <path d="M5.6 8h4.8" />
    </>
  ),
  hourglass: <path d="M4 2.3h8M4 13.7h8M5 2.5v2.3L8 8l3-3.2V2.5M5 13.5v-2.3L8 8l3 3.2v2.3" />,
  hook: (
    <path d="M8.8 4.5v5.6a2.9 2.9 0 1 1-5.8 0l1.9 1.4M8.8 4.5a1.3 1.3 0 1 0 0-2.6 1.3 1.3 0 0 0 0 2.6Z" />
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.3" />
      <path d="m10.2 10.2 3.5 3.5" />
    </>
  ),
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  refresh: <path d="M13.2 6.5A5.5 5.5 0 0 0 3.3 5.3M2.8 9.5a5.5 5.5 0 0 0 9.9 1.2M3 2.5v3h3M13 13.5v-3h-3" />,
  sync: <path d="M8 13.5V5M4.5 8 8 4.5 11.5 8M3 2h10" />,
  stop: <rect x="4" y="4" width="8" height="8" rx="1.2" />,
  diff: <path d="M8 2.5v6M5 5.5h6M5 12.5h6" />,
  history: <path d="M2.7 8a5.3 5.3 0 1 0 1.8-4M2.5 2.5v2.7h2.7M8 5v3.2l2.2 1.3" />,
  tiles: <path d="M2.5 2.5h4.5V7H2.5ZM9 2.5h4.5V7H9ZM2.5 9h4.5v4.5H2.5ZM9 9h4.5v4.5H9Z" />,
  rows: <path d="M2.5 3.5h11M2.5 8h11M2.5 12.5h11" />,
  tree: <path d="M2 6.2h3.5v3.6H2ZM10.5 2h3.5v3.5h-3.5ZM10.5 10.5H14V14h-3.5ZM5.5 8H8M10.5 3.8H8v8.4h2.5" />,
  chevron: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  warning: <path d="M8 2.5 14.2 13.3H1.8ZM8 6.5v3.2M8 11.6v.01" />,
  user: (
    <>
      <circle cx="8" cy="5.3" r="2.7" />
      <path d="M2.8 13.7c.5-2.9 2.5-4.4 5.2-4.4s4.7 1.5 5.2 4.4" />
    </>
  ),
  exit: <path d="M9.5 2.5H3v11h6.5M6.5 8H14M11 5l3 3-3 3" />,
  layers: <path d="m8 2 6 3-6 3-6-3ZM2 8l6 3 6-3M2 11l6 3 6-3" />,
  git: (
    <>
      <circle cx="4.5" cy="3.8" r="1.6" />
      <circle cx="4.5" cy="12.2" r="1.6" />
      <circle cx="11.5" cy="6" r="1.6" />
      <path d="M4.5 5.4v5.2M11.5 7.6c0 2.2-3.5 2-5.5 3.5" />
    </>
  ),
  cluster: <path d="M8 1.8 13.5 5v6L8 14.2 2.5 11V5ZM8 8l5.5-3M8 8v6.2M8 8 2.5 5" />,
  copy: <path d="M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3" />,
  filter: <path d="M2 3.5h12M4.5 8h7M6.8 12.5h2.4" />,
  offline: (
    <path d="m2.5 2.5 11 11M2 6.5a9 9 0 0 1 3-1.8M14 6.5A9 9 0 0 0 7.5 4M4.5 9.3A5.5 5.5 0 0 1 7 8M8 12.3v.01" />
  ),
} as const satisfies Readonly<Record<string, ReactNode>>;

export type IconName = keyof typeof drawings;

type IconProps = { readonly name: IconName; readonly size?: number; readonly spin?: boolean };

/** A small drawing beside a word; the word carries the meaning for those who don't see it. */
export function Icon({ name, size = 16, spin = false }: IconProps) {
  return (
    <svg
      className={spin ? 'icon icon-spin' : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {drawings[name]}
    </svg>
  );
}

/** The mark of Keelson: a hull's ribs on its keel. */
export function Logo({ size = 28 }: { readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 32 32"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.4"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M3 8h26c0 9-5 15-13 15S3 17 3 8ZM8 14.5h16M16 23v5" />
    </svg>
  );
}
