import type { FileRequests } from '../file-requests.ts';
import type { InputsContext, Tool } from '../tool.ts';
import type { TreeReader } from '../tree-reader.ts';
import { chartInputs } from './chart.ts';

/** Charts, rendered by `helm template`. */
export const helmTool: Tool = {
  recognise: {
    field: 'helm',
    file: (name) => name.endsWith('Chart.yaml'),
    charts: true,
    setting: 'helm',
  },
  inputs: helmInputs,
  lent: takeValueFiles,
  // Helm reads nothing but the chart, and value files by their names.
  staysInSubmodules: true,
};

function* helmInputs(context: InputsContext): FileRequests<void> {
  yield* chartInputs(context.reader, context.findings, context.folder);
  takeValueFiles(context);
}

function takeValueFiles({ reader, findings, folder, source, lenders, substitute }: InputsContext): void {
  const { valueFiles = [], fileParameters = [] } = source.helm ?? {};
  for (const name of [...valueFiles, ...fileParameters.map(({ path }) => path)]) {
    const [, ref = '', rest = ''] = /^\$([\w-]+)\/(.*)$/s.exec(name) ?? [];
    const lender = lenders.get(ref);
    if (lender !== undefined) takeFiles(lender, '', substitute(rest));
    else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) findings.remote(name);
    else takeFiles(reader, folder, substitute(name));
  }
}

/** Takes a file, or what a pattern may match: all below the last folder that is written out. */
function takeFiles(reader: TreeReader, folder: string, path: string): void {
  const from = path.startsWith('/') ? '' : folder;
  const pattern = path.search(/[*?[{]/);
  if (pattern === -1) {
    reader.find(from, path);
    return;
  }
  const found = reader.find(from, path.slice(0, path.lastIndexOf('/', pattern) + 1));
  if (found.kind === 'folder') reader.takeAll(found.path);
}
