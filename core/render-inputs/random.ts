const actions = /\{\{-?((?:[^}]|\}(?!\}))*)\}\}/g;

/** Template functions that give another value each time; `lookup` finds nothing in an offline render. */
const randomFunction =
  /(?<![\w.$"'])(rand(Alpha|AlphaNum|Numeric|Ascii|Bytes|Int)|shuffle|uuidv4|now|ago|bcrypt|htpasswd|encryptAES|gen(CA|CAWithKey|PrivateKey|SelfSignedCert|SelfSignedCertWithKey|SignedCert|SignedCertWithKey)|getHostByName)(?![\w"'])/;

/** Whether a chart's template calls a function whose value is not determined by its files. */
export function isRandomTemplate(text: string): boolean {
  for (const [, action = ''] of text.matchAll(actions)) {
    if (!action.startsWith('/*') && randomFunction.test(action)) return true;
  }
  return false;
}
