import { discover } from '../../plugin/discovery.ts';
import { type FileRequests, requestFiles } from '../file-requests.ts';
import type { ClaimContext, InputsContext, Tool } from '../tool.ts';

/** Folders that config management plugins render. */
export const pluginTool: Tool = {
  recognise: { field: 'plugin', claims: mayDiscover },
  inputs: pluginInputs,
};

/**
 * Whether a plugin discovers the folder, or may when it is asked. What a pattern finds may be any file below, so all of
 * the folder counts as read even where none matches.
 */
function mayDiscover({ reader, folder, discoveries }: ClaimContext): boolean {
  if (discoveries.length === 0) return false;
  if (folder === undefined) return true;
  reader.takeAll(folder);
  const start = folder === '' ? 0 : folder.length + 1;
  const files = reader.files(folder).map((path) => path.slice(start));
  return discoveries.some((discovery) => discover(discovery, files) !== 'no-match');
}

/** A plugin is a program of somebody else: it may read any file, and anything else there is. */
function* pluginInputs({ reader, findings }: InputsContext): FileRequests<void> {
  // Which files it reads is for the plugin to know, so there is none to ask for.
  yield* requestFiles([]);
  findings.cluster();
  findings.revision();
  findings.plugins();
  findings.remote('plugin');
  reader.giveUp('a plugin may read any file');
}
