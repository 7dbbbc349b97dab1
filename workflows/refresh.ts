import { defineSignal, setHandler } from '@temporalio/workflow';
import { wakeSignal } from './messages.ts';
import { record, render } from './proxies.ts';

/** Applications refreshed side by side by one run; rendering has its own limit per worker. */
const parallelRefreshes = 20;

/** Brings one application's desired state up to its dirty row, again if the row was raised meanwhile. */
export async function refreshApplication(input: { readonly applicationId: string }): Promise<void> {
  let woken = true;
  setHandler(defineSignal(wakeSignal), () => {
    woken = true;
  });
  while (woken) {
    woken = false;
    await render.renderDesired(input);
  }
}

/** Checks the repositories that are due with one listing each, and refreshes the applications that moved. */
export async function refreshRepositories(): Promise<void> {
  const { applicationIds } = await render.checkRepositories();
  for (let first = 0; first < applicationIds.length; first += parallelRefreshes) {
    const slice = applicationIds.slice(first, first + parallelRefreshes);
    await Promise.all(slice.map((applicationId) => record.startRefresh({ applicationId })));
  }
}
