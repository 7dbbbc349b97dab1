/** Template functions that give another value each time; `lookup` finds nothing in an offline render. */
const randomFunction =
  /(?<![\w.$"'])(rand(Alpha|AlphaNum|Numeric|Ascii|Bytes|Int)|shuffle|uuidv4|now|ago|bcrypt|htpasswd|encryptAES|gen(CA|CAWithKey|PrivateKey|SelfSignedCert|SelfSignedCertWithKey|SignedCert|SignedCertWithKey)|getHostByName)(?![\w"'])/;

/** Whether a chart's template calls a function whose value is not determined by its files. */
export function isRandomTemplate(text: string): boolean {
  for (let start = text.indexOf('{{'); start !== -1; ) {
    const end = text.indexOf('}}', start + 2);
    if (end === -1) return false;
    const action = text.slice(text[start + 2] === '-' ? start + 3 : start + 2, end);
    if (!action.startsWith('/*') && randomFunction.test(action)) return true;
    start = text.indexOf('{{', end + 2);
  }
  return false;
}
