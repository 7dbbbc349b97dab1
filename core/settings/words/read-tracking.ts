import type { Tracking, TrackingMethod } from '../../sync/tracking/tracking.ts';
import { defaultSettings } from '../settings.ts';
import type { Report } from './problem.ts';

/** The keys of `argocd-cm` that say how objects are tracked. */
export const trackingKeys = {
  method: 'application.resourceTrackingMethod',
  label: 'application.instanceLabelKey',
  installation: 'installationID',
} as const;

const methods: readonly TrackingMethod[] = ['annotation', 'label', 'annotation+label'];
const labelKey =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;

/** How objects are tracked; what can't be read keeps its default, with a report. */
export function readTracking(
  cm: Readonly<Record<string, string>>,
  report: (key: string) => Report,
): Tracking {
  const [written, label, installationId] = [
    cm[trackingKeys.method]?.trim() ?? '',
    cm[trackingKeys.label]?.trim() ?? '',
    cm[trackingKeys.installation]?.trim() ?? '',
  ];
  const method = methods.find((one) => one === written);
  if (method === undefined && written !== '') {
    report(trackingKeys.method)(`is "${written}"; set it to ${methods.join(', ')}`);
  }
  const usable = label === '' || labelKey.test(label);
  if (!usable) report(trackingKeys.label)(`is "${label}", which is no valid label key; correct it`);
  return {
    method: method ?? defaultSettings.tracking.method,
    ...(label !== '' && usable ? { labelKey: label } : {}),
    ...(installationId === '' ? {} : { installationId }),
  };
}
