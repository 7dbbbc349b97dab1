import { ownField } from '../../own-field.ts';
import { defaultPorts, repositoryKey } from '../../repository/address.ts';
import { isGlob, matchesGlob } from '../../text/glob.ts';
import { withoutTrailing } from '../../text/trim.ts';

/** Schemes that addresses are written without, too. */
const unwritten = /^(?:ssh|oci|file):\/\//;

/**
 * The texts that stand for one repository, of which a pattern has to fit any. They are made of the address that is read,
 * so that `..` within an address never leads below a permitted folder and out of it again.
 */
export function sourceTexts(url: string): string[] {
  const key = repositoryKey(url).toLowerCase();
  return unwritten.test(key) ? [key, key.replace(unwritten, '')] : [key];
}

/** A pattern of sources in the form in which addresses are held against it. */
export function sourcePattern(pattern: string): string {
  const text = withoutTrailing(pattern.trim().toLowerCase(), '/').replace(/\.git$/, '');
  const address = /^(?:ssh:\/\/)?[^:/]*@[^@]+$/.test(text)
    ? text.replace(/^ssh:\/\//, '').replace(':', '/')
    : text;
  return withoutDefaultPort(address.replace(/^git\+/, '').replace(/^ssh:\/\//, ''));
}

function withoutDefaultPort(text: string): string {
  const [, scheme = '', host = '', port = '', path = ''] =
    /^([a-z]+):\/\/([^/:]*):(\d+)(\/.*)?$/.exec(text) ?? [];
  return port !== '' && ownField(defaultPorts, scheme) === port ? `${scheme}://${host}${path}` : text;
}

/** Whether a pattern, without its `!`, stands for a repository; `*` alone is every one. */
export function fitsSource(pattern: string, url: string): boolean {
  if (pattern === '*') return true;
  const glob = sourcePattern(pattern);
  return sourceTexts(url).some((text) => matchesGlob(glob, text, '/'));
}

/** Whether a pattern of sources can be read. */
export function isSourcePattern(pattern: string): boolean {
  return isGlob(sourcePattern(pattern));
}
