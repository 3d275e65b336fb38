/** What ndpiReader's listings say of messengers. */

/** Words of nDPI's protocols, and which messenger they are; its `Facebook`, `Apple`, `Google`, `Microsoft` are no messengers. */
const NAMES: readonly [RegExp, string][] = [
  [/^WhatsApp/, 'whatsapp'],
  [/^Telegram/, 'telegram'],
  [/^Signal/, 'signal'],
  [/^Discord/, 'discord'],
  [/^FacebookMessenger|^Messenger$/, 'messenger'],
  [/^Instagram/, 'instagram'],
  [/^Snapchat/, 'snapchat'],
  [/^Viber/, 'viber'],
  [/^Line(?:Call)?$/, 'line'],
  [/^WeChat/, 'wechat'],
  [/^KakaoTalk/, 'kakaotalk'],
  [/^Zalo/, 'zalo'],
  [/^Threema/, 'threema'],
  [/^Teams|^Skype_Teams/, 'teams'],
  [/^Skype$/, 'skype'],
  [/^Slack/, 'slack'],
  [/^Zoom/, 'zoom'],
  [/^GoogleChat/, 'googlechat'],
  [/^Steam/, 'steam'],
  [/^OICQ/, 'qq'],
];
/** One program under two names, or two that share their servers: either is right where the other is named. */
export const ALIKE: ReadonlyMap<string, string> = new Map([
  ['skype', 'teams'],
  ['teams', 'skype'],
]);
/** Found on its own evidence, where the labels have a word for the maker only. */
export const MAKERS: ReadonlyMap<string, RegExp> = new Map([
  ['messenger', /Facebook/],
  ['imessage', /Apple/],
  ['qq', /QQ|WeChat/],
]);

export interface Found {
  readonly apps: ReadonlySet<string>;
  readonly words: string;
}

/** What a listing of ndpiReader names: `[proto: 91.142/TLS.WhatsApp]`. A guess by an address or a single packet is none. */
export function ndpi(text: string): Found {
  const apps = new Set<string>();
  const words: string[] = [];
  for (const line of text.split('\n')) {
    const [, label = ''] = /\[proto: [\d.]+\/([^\]]+)\]/.exec(line) ?? [];
    words.push(label);
    if (/\[Confidence: (?:Match by|DPI \(partial|Unknown)/.test(line)) continue;
    for (const word of label.split('.'))
      for (const [pattern, app] of NAMES) if (pattern.test(word)) apps.add(app);
  }
  return { apps, words: words.join(' ') };
}
