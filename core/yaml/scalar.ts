import { isNumber, type JsonNumber, wholeNumber } from '../object/json/json.ts';
import { ownField } from '../own-field.ts';
import type { Scalar } from './node.ts';
import { readInteger, resolvePlainScalar } from './plain-scalar.ts';

/** What a scalar can be in JSON. */
export type ScalarValue = string | JsonNumber | boolean | null;

const tagPrefix = 'tag:yaml.org,2002:';

/** The value of a scalar, infinite numbers among them, which may be keys; undefined when it doesn't fit its tag. */
export function resolveScalar({ text, tag, isPlain }: Scalar): ScalarValue | undefined {
  if (tag === undefined) return isPlain ? resolvePlainScalar(text) : text;
  const read = tag.startsWith(tagPrefix) ? ownField(tagged, tag.slice(tagPrefix.length)) : undefined;
  // Tags that Go's reader doesn't know mean nothing.
  return read === undefined ? text : read(text);
}

/** Values by tag, in quotes or not; undefined for what doesn't fit. */
const tagged: Readonly<Record<string, (text: string) => ScalarValue | undefined>> = {
  null: (text) => (resolvePlainScalar(text) === null ? null : undefined),
  bool: (text) => {
    const value = resolvePlainScalar(text);
    return typeof value === 'boolean' ? value : undefined;
  },
  int: (text) => {
    const value = startsNumber.test(text) ? readInteger(text) : undefined;
    return value === undefined ? undefined : wholeNumber(value);
  },
  float: (text) => {
    const value = resolvePlainScalar(text);
    return isNumber(value) ? value : undefined;
  },
  timestamp: (text) => (isTimestamp(text) ? text : undefined),
  binary: decodeBase64,
};

/** What starts otherwise is a text, or a word. */
const startsNumber = /^[-+0-9]/;

const timestampForm =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/;

function isTimestamp(text: string): boolean {
  const match = timestampForm.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, ...clock] = match.slice(1).filter(Boolean).map(Number);
  const [hour = 0, minute = 0, second = 0] = clock;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && day >= 1 && hour < 24 && minute < 60 && second < 60;
}

const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text that bytes in base64 are; what is no UTF-8 in it becomes the sign for that. */
function decodeBase64(text: string): string | undefined {
  const digits = text.replaceAll(/[\r\n]/g, '');
  if (!base64Form.test(digits)) return undefined;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(atob(digits), (byte) => byte.charCodeAt(0)),
  );
}
