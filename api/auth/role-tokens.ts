import { SignJWT } from 'jose';
import type { RoleClaims } from '../../control/project/role-tokens.ts';
import { tokenForm } from './token-reader.ts';

/** Signs a token of a project's role. What it counts for is decided by what is recorded of it, at each request. */
export function signRoleToken({ subject, id, iat, exp }: RoleClaims, secret: Uint8Array): Promise<string> {
  const token = new SignJWT({})
    .setProtectedHeader({ alg: tokenForm.algorithm, typ: 'JWT' })
    .setIssuer(tokenForm.issuer)
    .setSubject(subject)
    .setJti(id)
    .setIssuedAt(iat)
    .setNotBefore(iat);
  if (exp !== undefined) token.setExpirationTime(exp);
  return token.sign(secret);
}
