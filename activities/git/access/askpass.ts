import { randomUUID } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A user and a password or token. */
export type Login = { readonly username: string; readonly password: string };

/**
 * Answers the questions of Git and of its LFS extension from the environment, and only for the host the credentials
 * belong to: a redirect to another host gets no answer.
 */
const askpassScript = `#!/bin/sh
case "$1" in
  "Username for '$KEELSON_GIT_ORIGIN': "|"Username for \\"$KEELSON_GIT_ORIGIN\\"") printf '%s\\n' "$KEELSON_GIT_USERNAME" ;;
  "Password for '"*"@$KEELSON_GIT_HOST': "|"Password for \\""*"@$KEELSON_GIT_HOST\\"") printf '%s\\n' "$KEELSON_GIT_PASSWORD" ;;
  *) exit 1 ;;
esac
`;

/** The variables by which Git finds user and password of an address. */
export async function askpassVariables(
  cacheDir: string,
  url: string,
  login: Login,
): Promise<Record<string, string>> {
  const { origin, host } = new URL(url);
  return {
    GIT_ASKPASS: await preparedAskpass(cacheDir),
    KEELSON_GIT_ORIGIN: origin,
    KEELSON_GIT_HOST: host,
    KEELSON_GIT_USERNAME: login.username,
    KEELSON_GIT_PASSWORD: login.password,
  };
}

async function preparedAskpass(cacheDir: string): Promise<string> {
  const path = join(cacheDir, 'askpass-2.sh');
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) return path;
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, askpassScript, { mode: 0o700 });
  await rename(draft, path);
  return path;
}
