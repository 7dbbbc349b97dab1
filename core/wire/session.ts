import { z } from 'zod';
import { texts } from './shape.ts';

/** Who logs in. */
export const LoginBody = z.object({ username: z.string(), password: z.string() });
export type LoginBody = z.infer<typeof LoginBody>;

/** The token of a login session. */
export const Token = z.object({ token: z.string() });
export type Token = z.infer<typeof Token>;

/** Who is logged in; without a login nobody, and then the texts are empty. */
export const UserInfo = z.object({
  loggedIn: z.boolean(),
  username: z.string(),
  iss: z.string(),
  groups: texts,
});
export type UserInfo = z.infer<typeof UserInfo>;

/** Whether the caller may do what was asked about. */
export const Permission = z.object({ value: z.enum(['yes', 'no']) });
export type Permission = z.infer<typeof Permission>;

/** A password and what replaces it; of one's own account where no name is given. */
export const PasswordBody = z.object({
  name: z.string().exactOptional(),
  currentPassword: z.string(),
  newPassword: z.string(),
});
export type PasswordBody = z.infer<typeof PasswordBody>;
