import { type CertificateFault, certificateFault, describeCertificateFault } from '../certificate-fault.ts';

/** A TLS certificate that is not accepted, as far as it is known. */
export type RefusedCertificate = {
  /** The host that shows it, and the one whose certificates are trusted for it. */
  readonly host: string;
  readonly trust: { readonly host: string; readonly hasOwn: boolean };
  /** What the TLS library calls the fault. */
  readonly code: string;
  /** What the host showed, where it could be looked at. */
  readonly shown?: { readonly from: Date; readonly to: Date; readonly names: string } | undefined;
  readonly now: Date;
};

const unfit = /PURPOSE|KEY_TOO_SMALL|MD_TOO_WEAK|REVOKED/;

/**
 * Why a certificate is not accepted, and what helps; the sentence follows its subject. A new authority helps neither
 * one that has expired nor one for another host, so what the host itself has to mend comes first.
 */
export function refusedCertificate({ host, trust, code, shown, now }: RefusedCertificate): string {
  const told = (fault: CertificateFault): string =>
    describeCertificateFault(fault, {
      host,
      names: shown?.names ?? 'other names',
      validFrom: shown && dayOf(shown.from),
      validTo: shown && dayOf(shown.to),
      reader: 'the workers',
      trust: trustIn(host, trust),
    }).join('; ');
  if (shown !== undefined && shown.to < now) return told('expired');
  if (shown !== undefined && shown.from > now) return told('not-yet-valid');
  const fault = certificateFault(code);
  if (fault === 'expired') {
    const whose = shown === undefined ? 'or one of an authority that signed it' : 'is signed by one that';
    return `${whose} has expired; renew that on the host, then ${trustIn(host, trust)}`;
  }
  if (fault === 'not-yet-valid') {
    return 'or one that signed it is not valid yet; check the clocks of the host and of the workers';
  }
  if (unfit.test(code)) return `is not fit for a server (${code}); renew it on the host as one for servers`;
  return told(fault === 'other-host' ? fault : 'unknown-authority');
}

/** Certificates of a repository's host replace the machine's, and hold for the hosts that it leads to. */
function trustIn(host: string, trust: RefusedCertificate['trust']): string {
  const command = `keelson cert add-tls ${trust.host} --from FILE${trust.hasOwn ? ' --upsert' : ''}`;
  if (host === trust.host) return `register the authority: ${command}`;
  return `register the authority together with that of ${trust.host}, which leads there: ${command}`;
}

function dayOf(time: Date): string {
  return time.toISOString().replace(/T.*/, '');
}
