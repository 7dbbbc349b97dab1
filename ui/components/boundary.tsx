import { Component, type ReactNode } from 'react';
import { messageOf } from '../api-error.ts';
import { Button } from './button.tsx';
import { Trouble } from './notice.tsx';

type Props = { readonly children: ReactNode };
type State = { readonly error?: unknown };

/** Catches what a page throws while it is drawn, so that the rest of the window stays usable. */
export class Boundary extends Component<Props, State> {
  override state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <Trouble title="This page broke" message={messageOf(this.state.error)}>
        <Button icon="refresh" onClick={() => location.reload()}>
          Load it again
        </Button>
      </Trouble>
    );
  }
}
