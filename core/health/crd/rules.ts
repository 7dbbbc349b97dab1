import type { KindRule } from '../kind-rule.ts';
import { certManager } from './cert-manager.ts';

/** Every rule for kinds that come with custom resource definitions. */
export const crdRules: readonly KindRule[] = [...certManager];
