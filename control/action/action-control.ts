import type { LuaQueue } from '../../platform/lua/engine.ts';
import type { Control } from '../context.ts';
import type { Reach } from './action-target.ts';

/** What actions run with. */
export type ActionControl = Pick<Control, 'config' | 'db' | 'engine' | 'keyring' | 'log'> &
  Pick<Reach, 'settings'> & { readonly lua: LuaQueue; readonly now: () => Date };
