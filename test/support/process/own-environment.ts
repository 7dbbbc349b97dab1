/** What a program under test needs of this process's environment: where programs are, and where the tools are kept. */
export function ownEnvironment(): Record<string, string> {
  const wanted = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'KEELSON_TOOLS_DIR'];
  const entries = wanted.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
