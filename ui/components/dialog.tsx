import { type MouseEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.tsx';

type DialogProps = {
  readonly title: string;
  readonly subtitle?: ReactNode;
  /** `sheet` slides in from the right; `box` is small and in the middle. */
  readonly shape: 'sheet' | 'box';
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
};

/** A modal on the browser's own dialog element: it keeps the focus inside, closes on Esc and gives the focus back. */
export function Dialog({ title, subtitle, shape, wide = false, onClose, children, footer }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    if (!element.open) element.showModal();
    // By itself the dialog would focus its close button, which is nobody's first wish.
    const first = element.querySelector<HTMLElement>('[data-first]');
    (first ?? element.querySelector<HTMLElement>('.dialog-body'))?.focus();
    return () => element.close();
  }, []);
  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog
      ref={dialog}
      className={`dialog dialog-${shape}${wide ? ' dialog-wide' : ''}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={closeOnBackdrop}
    >
      <div className="dialog-frame">
        <header className="dialog-head">
          <div className="dialog-titles">
            <h2 id={titleId}>{title}</h2>
            {subtitle === undefined ? null : <div className="dialog-subtitle">{subtitle}</div>}
          </div>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        <div className="dialog-body" tabIndex={-1}>
          {children}
        </div>
        {footer === undefined ? null : <footer className="dialog-foot">{footer}</footer>}
      </div>
    </dialog>
  );
}
