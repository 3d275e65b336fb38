/** The places at which messengers leave files for each other: known by their paths, whatever the host. */

/** One kind of place. */
export interface FilePlace {
  /** The network, for `im.service`. */
  readonly service: string;
  /** `im.file.method`. */
  readonly method: string;
  /** Joins the request with the messenger's own connection, which names the address. */
  readonly realm: string;
  /** What the path looks like, for people. */
  readonly evidence: string;
  /** The body of a POST begins with a YMSG packet, or is the file. */
  readonly post?: 'packet' | 'file';
  /** How the path begins. */
  readonly prefix: string;
  /** The whole path, with its query where that belongs to it. Its groups: `name` of the file, `token` to show, `from` and `to` of an upload. */
  readonly path: RegExp;
  /** Only the receiver fetches there; else whoever has the address. */
  readonly receives?: true;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const SLOT = { service: 'xmpp', method: 'http-upload', realm: 'xmpp-upload' } as const;
const YAHOO = { service: 'yahoo', method: 'http', realm: 'yahoo-file' } as const;

/**
 * Upload services of XMPP (XEP-0363) make their addresses of random parts: Prosody's mod_http_file_share of 18 bytes in
 * base64url, ejabberd's mod_http_upload of a SHA-1 and 40 letters or digits, Openfire's of a UUID. Yahoo's uploads go to one
 * path; downloads from a server to a name with 30 hex digits behind it. From version 15 on they go through a relay, by its token,
 * or to a path at the peer: its user, the milliseconds and the file's name.
 */
const PLACES: readonly FilePlace[] = [
  {
    ...SLOT,
    evidence: 'http: address of Prosody mod_http_file_share',
    prefix: '/file_share/',
    path: /^\/file_share\/[\w-]{24}\/[^/?#]+$/,
  },
  {
    ...SLOT,
    evidence: 'http: address of ejabberd mod_http_upload',
    prefix: '/upload/',
    path: /^\/upload\/[0-9a-f]{40}\/[A-Za-z0-9]{40}\/[^/?#]+$/,
  },
  {
    ...SLOT,
    evidence: 'http: address of Openfire HTTP file upload',
    prefix: '/httpfileupload/',
    path: new RegExp(`^/httpfileupload/${UUID}/[^/?#]+$`),
  },
  {
    ...YAHOO,
    evidence: 'http: POST /notifyft',
    prefix: '/notifyft',
    path: /^\/notifyft$/,
    post: 'packet',
  },
  {
    ...YAHOO,
    evidence: 'http: GET /storage/file with a ticket',
    prefix: '/storage/file/',
    path: /^\/storage\/file\/[^/?#]+\?[0-9a-f]{30}$/,
  },
  {
    ...YAHOO,
    realm: 'yahoo-relay',
    evidence: 'http: /relay with a token, sender and receiver',
    prefix: '/relay?token=',
    path: /^\/relay\?token=(?<token>[^&#]+)&sender=(?<from>[^&#]*)&recver=(?<to>[^&#]*)$/,
    post: 'file',
    receives: true,
  },
  {
    ...YAHOO,
    method: 'p2p-http',
    evidence: 'http: /Messenger. of a peer',
    prefix: '/Messenger.',
    path: /^\/Messenger\.[^?#]{1,96}?(?:\d{13}|\/)(?<name>[^/?#]+)\?AppID=Messenger&[^#]*$/,
    post: 'file',
  },
];

const PREFIXES = PLACES.map(({ prefix }) => Uint8Array.from(prefix, (c) => c.charCodeAt(0)));
const LONGEST_PATH = 1_024;

/** The place of a path with its query. */
export function placeOfPath(path: string): FilePlace | undefined {
  if (path.length > LONGEST_PATH) return undefined;
  return PLACES.find((place) => path.startsWith(place.prefix) && place.path.test(path));
}

/** The same of the bytes of a request's target; nothing is allocated where no prefix is there. */
export function placeOfBytes(bytes: Uint8Array, start: number, end: number): FilePlace | undefined {
  if (end - start > LONGEST_PATH) return undefined;
  for (const prefix of PREFIXES) {
    let i = 0;
    while (i < prefix.length && start + i < end && bytes[start + i] === prefix[i]) i++;
    if (i === prefix.length) return placeOfPath(String.fromCharCode(...bytes.subarray(start, end)));
  }
  return undefined;
}
