import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

type ButtonProps = {
  readonly children: ReactNode;
  readonly icon?: IconName;
  readonly look?: 'plain' | 'main' | 'danger' | 'quiet';
  readonly type?: 'button' | 'submit';
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly title?: string;
  readonly onClick?: () => void;
};

/** A labelled button; while busy it spins and takes no clicks. */
export function Button(props: ButtonProps) {
  const {
    children,
    icon,
    look = 'plain',
    type = 'button',
    busy = false,
    disabled,
    pressed,
    title,
    onClick,
  } = props;
  const shown = busy ? 'spinner' : icon;
  return (
    <button
      type={type}
      className={`button button-${look}`}
      disabled={disabled === true || busy}
      aria-pressed={pressed}
      aria-busy={busy}
      title={title}
      onClick={onClick}
    >
      {shown === undefined ? null : <Icon name={shown} spin={busy} />}
      <span>{children}</span>
    </button>
  );
}

type IconButtonProps = {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
};

/** A button that is only a drawing; its label is read out and shown on hover. */
export function IconButton({ icon, label, pressed, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
