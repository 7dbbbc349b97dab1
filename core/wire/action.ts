import { z } from 'zod';
import type { ActionOffer as Offer } from '../action/action.ts';
import { list } from './shape.ts';

/** An action as it is offered for one object. */
export const ActionOffer = z.object({
  name: z.string(),
  disabled: z.boolean().exactOptional(),
  /** Why it is disabled. */
  reason: z.string().exactOptional(),
  /** Classes of the icon, from Font Awesome. */
  iconClass: z.string().exactOptional(),
  displayName: z.string().exactOptional(),
  params: list(
    z.object({
      name: z.string(),
      type: z.string().exactOptional(),
      default: z.string().exactOptional(),
    }),
  ).exactOptional(),
}) satisfies z.ZodType<Offer>;
export type ActionOffer = z.infer<typeof ActionOffer>;

/** The actions of one object. */
export const ActionList = z.object({ actions: list(ActionOffer) });
export type ActionList = z.infer<typeof ActionList>;
