import type { ApiConfig } from '../../api/context.ts';
import { trustedProxies } from '../../api/request/client-address.ts';
import type { Config } from '../../platform/config.ts';
import { releaseVersion } from './release.ts';

/** What the API is told of this installation. */
export function apiConfigOf(config: Config): ApiConfig {
  const url = config.KEELSON_URL === '' ? `http://127.0.0.1:${config.KEELSON_PORT}` : config.KEELSON_URL;
  return {
    controlPlaneNamespace: config.KEELSON_NAMESPACE,
    url,
    version: `v${releaseVersion}`,
    webhookSecrets: {
      github: config.KEELSON_WEBHOOK_GITHUB_SECRET,
      gitlab: config.KEELSON_WEBHOOK_GITLAB_SECRET,
      gogs: config.KEELSON_WEBHOOK_GOGS_SECRET,
      bitbucketUuid: config.KEELSON_WEBHOOK_BITBUCKET_UUID,
      bitbucketServer: config.KEELSON_WEBHOOK_BITBUCKETSERVER_SECRET,
      azureDevopsUsername: config.KEELSON_WEBHOOK_AZUREDEVOPS_USERNAME,
      azureDevopsPassword: config.KEELSON_WEBHOOK_AZUREDEVOPS_PASSWORD,
    },
    webhookOpen: config.KEELSON_WEBHOOK_OPEN,
    trustedProxies: trustedProxies(config.KEELSON_TRUSTED_PROXIES),
    webhookMaxBytes: config.KEELSON_WEBHOOK_MAX_BYTES,
    ...(config.KEELSON_UI_DIR === undefined ? {} : { uiDir: config.KEELSON_UI_DIR }),
  };
}
