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
export function certificateFault({ host, trust, code, shown, now }: RefusedCertificate): string {
  if (shown !== undefined && shown.to < now) return `expired on ${dayOf(shown.to)}; renew it on the host`;
  if (shown !== undefined && shown.from > now) {
    return `is valid from ${dayOf(shown.from)} only; check the clocks of the host and of the workers`;
  }
  if (code.includes('EXPIRED')) {
    const whose = shown === undefined ? 'or one of an authority that signed it' : 'is signed by one that';
    return `${whose} has expired; renew that on the host, then ${trustIn(host, trust)}`;
  }
  if (code.includes('NOT_YET_VALID')) {
    return 'or one that signed it is not valid yet; check the clocks of the host and of the workers';
  }
  if (code.includes('ALTNAME')) {
    const names = shown?.names ?? 'other names';
    return `is for ${names} and not for ${host}; use an address with a name that it has, or renew it with this one`;
  }
  if (unfit.test(code)) return `is not fit for a server (${code}); renew it on the host as one for servers`;
  return `is signed by an authority that is not trusted; ${trustIn(host, trust)}`;
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
