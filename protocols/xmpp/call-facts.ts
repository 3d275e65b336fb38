import type { XmlElement } from '../../src/sdk/index.ts';
import { cutText, listed } from './text.ts';
import { parseSize } from './transfer-book.ts';

export const RTP_APPLICATION = 'urn:xmpp:jingle:apps:rtp:';

const LONGEST_NAME = 40;
/** Codecs and addresses of a call that are named; the rest is counted. */
const NAMED = 12;

/** What a step of a call shows: codecs (XEP-0167), and the addresses at which media is awaited (XEP-0176, XEP-0177). */
export function callFacts(jingle: XmlElement): string[] {
  const facts: string[] = [];
  for (const content of jingle.children) {
    const description = content.children.find((c) => c.ns.startsWith(RTP_APPLICATION));
    const transport = content.children.find((c) => c.name === 'transport');
    const codecs = (description?.children ?? []).flatMap((c) => codecOf(c) ?? []);
    const candidates = (transport?.children ?? []).flatMap((c) => candidateOf(c) ?? []);
    if (codecs.length > 0)
      facts.push(`${mediaKind(description) ?? 'media'} codecs: ${listed(codecs, NAMED)}`);
    if (candidates.length > 0) facts.push(`media addresses: ${listed(candidates, NAMED)}`);
  }
  return facts.slice(0, NAMED);
}

function codecOf(type: XmlElement): string | undefined {
  const name = type.attr('name');
  if (type.name !== 'payload-type' || !name) return undefined;
  const rate = parseSize(type.attr('clockrate'));
  return cutText(rate === undefined ? name : `${name}/${rate}`, LONGEST_NAME);
}

/** `192.0.2.1:5000 udp host`: an address inside the caller's network is one that it tells the peer. */
function candidateOf(candidate: XmlElement): string | undefined {
  const ip = candidate.attr('ip') ?? '';
  const port = parseSize(candidate.attr('port'));
  if (candidate.name !== 'candidate' || port === undefined || !/^[0-9a-fA-F:.]{2,45}$/.test(ip))
    return undefined;
  const place = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
  return cutText([place, candidate.attr('protocol'), candidate.attr('type')].filter(Boolean).join(' '), 80);
}

export function mediaKind(description: XmlElement | undefined): 'audio' | 'video' | undefined {
  const kind = description?.attr('media');
  return kind === 'audio' || kind === 'video' ? kind : undefined;
}
