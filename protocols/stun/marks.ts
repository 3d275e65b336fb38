import type { Confidence } from '../../src/sdk/index.ts';

/** What in a STUN message is a messenger's own. */
export interface Mark {
  readonly service: string;
  readonly confidence: Confidence;
  readonly source: string;
  readonly what: string;
}

/** Attributes that only one maker's clients have. Looked at in 2026-11. */
export function markOfAttribute(type: number): Mark | undefined {
  if (type >= 0x4000 && type <= 0x4007) return WHATSAPP_ATTRIBUTE;
  return MICROSOFT.has(type) ? MICROSOFT_ATTRIBUTE : undefined;
}

/** Methods that the registry does not know and one messenger has. */
export function markOfType(type: number): Mark | undefined {
  return type >= 0x0800 && type <= 0x0805 ? WHATSAPP_METHOD : undefined;
}

const WHATSAPP_ATTRIBUTE: Mark = {
  service: 'whatsapp',
  confidence: 'medium',
  source: 'nDPI, its dissector of STUN',
  what: 'attribute of WhatsApp’s relays',
};

const WHATSAPP_METHOD: Mark = {
  service: 'whatsapp',
  confidence: 'medium',
  source: 'nDPI, its dissector of STUN',
  what: 'message type of WhatsApp’s relays',
};

/** MS-VERSION, MS-SERVICE-QUALITY, CANDIDATE-IDENTIFIER, IMPLEMENTATION-VERSION, and what a new relay answers. */
const MICROSOFT: ReadonlySet<number> = new Set([0x8008, 0x8054, 0x8055, 0x8070, 0x8090, 0x8095]);

const MICROSOFT_ATTRIBUTE: Mark = {
  service: 'teams',
  confidence: 'medium',
  source: 'MS-TURN, MS-ICE2',
  what: 'attribute of Teams, Skype and Skype for Business',
};
