import type { z } from 'zod';
import type { Caller } from '../server/client.ts';
import { UserInfoReply } from '../server/replies.ts';
import { EmptyReply } from '../server/source-replies.ts';

/** A password and what replaces it; of one's own account where no name is given. */
export type PasswordBody = {
  readonly name?: string;
  readonly currentPassword: string;
  readonly newPassword: string;
};

/** The calls about accounts. */
export type AccountCalls = {
  userInfo(): Promise<z.infer<typeof UserInfoReply>>;
  updatePassword(body: PasswordBody): Promise<void>;
  logoutAll(account: string): Promise<void>;
};

/** The calls on a way to make them. */
export function accountCalls(call: Caller): AccountCalls {
  return {
    userInfo: () => call(UserInfoReply, '/api/v1/session/userinfo'),
    async updatePassword(body) {
      await call(EmptyReply, '/api/v1/account/password', { method: 'PUT', body });
    },
    async logoutAll(account) {
      const path = `/api/v1/account/${encodeURIComponent(account)}/sessions`;
      await call(EmptyReply, path, { method: 'DELETE' });
    },
  };
}
