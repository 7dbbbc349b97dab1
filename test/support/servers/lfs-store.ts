import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The server's side of Git LFS: the batch protocol with its basic transfer, for all repositories of a server. */
export type LfsStore = {
  /** Stores a file and returns the pointer that a repository keeps for it. */
  add(content: Uint8Array): string;
  remove(content: Uint8Array): void;
  /** How many files were downloaded. */
  downloads(): number;
  /** From now on the addresses that it gives of files are made so out of its own. */
  lead(make: (address: string) => string): void;
  /** From now on a request for a file is redirected where this answers with an address for its path. */
  send(make: (path: string) => string | false): void;
  serves(path: string): boolean;
  answer(serverUrl: string, path: string, request: IncomingMessage, response: ServerResponse): void;
};

/** An empty store. */
export function createLfsStore(): LfsStore {
  const files = new Map<string, Uint8Array>();
  let downloaded = 0;
  let lead = (address: string): string => address;
  let send = (_path: string): string | false => false;
  const idOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

  const batch = (serverUrl: string, prefix: string, text: string): object => {
    const { objects } = JSON.parse(text) as { objects: { oid: string; size: number }[] };
    return {
      transfer: 'basic',
      objects: objects.map(({ oid, size }) =>
        files.has(oid)
          ? { oid, size, actions: { download: { href: lead(`${serverUrl}${prefix}/lfs-files/${oid}`) } } }
          : { oid, size, error: { code: 404, message: 'Object does not exist' } },
      ),
    };
  };

  return {
    add: (content) => {
      const oid = idOf(content);
      files.set(oid, content);
      return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
    },
    remove: (content) => void files.delete(idOf(content)),
    downloads: () => downloaded,
    lead: (make) => {
      lead = make;
    },
    send: (make) => {
      send = make;
    },
    serves: (path) => path.endsWith('/info/lfs/objects/batch') || path.includes('/lfs-files/'),
    answer: (serverUrl, path, request, response) => {
      const file = files.get(path.split('/').at(-1) ?? '');
      const elsewhere = send(path);
      if (file !== undefined && elsewhere !== false) {
        response.writeHead(302, { location: elsewhere }).end();
        return;
      }
      if (file !== undefined) {
        downloaded += 1;
        response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file);
        return;
      }
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        const reply = JSON.stringify(batch(serverUrl, path.replace(/\/info\/lfs\/.*$/, ''), text));
        response.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' }).end(reply);
      });
    },
  };
}
