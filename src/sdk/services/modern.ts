import type { RowConfidence, ServiceRow } from './rows.ts';

const DATE = '2026-11';
const V2FLY = 'v2fly domain-list-community';
const ADGUARD = 'AdGuard blocked services';
const MS365 = 'Microsoft 365 URLs and IP address ranges';

/**
 * Hosts of the messengers of today. A row is of a published list or of its maker's own pages, never of a
 * capture. `high`: the domain is the messenger's own; `medium`: the host serves other software of its maker, too, or pages
 * that anybody embeds.
 */
export const MODERN_ROWS: readonly ServiceRow[] = [
  ...all('whatsapp', 'messenger', 'high', V2FLY, 'whatsapp.net', 'whatsapp.com', 'wa.me'),
  ...all('telegram', 'messenger', 'high', V2FLY, 'telegram.org', 'telegram.me', 'tdesktop.com'),
  ...all('telegram', 'links to people and channels', 'medium', V2FLY, 't.me', 'telegra.ph', 'telegram.dog'),
  ...all('telegram', 'file servers', 'high', 'tdlib source', 'cdn-telegram.org'),
  ...all('signal', 'messenger', 'high', V2FLY, 'signal.org'),
  ...all('signal', 'messenger', 'high', 'Signal-Android source', 'whispersystems.org', 'signal.art'),
  ...all('discord', 'messenger', 'high', V2FLY, 'discord.com', 'discordapp.com', 'discord.gg', 'discord.media'),
  ...all('discord', 'pictures, also on pages of others', 'medium', V2FLY, 'discordapp.net', 'discordcdn.com'),
  ...all('messenger', 'messenger', 'high', 'Meta, help pages of Messenger', 'messenger.com', 'm.me'),
  ...all(
    'messenger',
    'messages of apps of Meta (MQTT)',
    'medium',
    'OONI, test of Facebook Messenger',
    'edge-mqtt.facebook.com',
    'mqtt-mini.facebook.com',
    'mqtt.facebook.com',
    'edge-chat.facebook.com',
  ),
  ...all('instagram', 'application and its pictures', 'medium', V2FLY, 'instagram.com', 'cdninstagram.com', 'ig.me'),
  ...all('instagram', 'messages', 'high', 'instagrapi source', 'edge-chat.instagram.com'),
  ...all('snapchat', 'messenger', 'high', V2FLY, 'snapchat.com', 'snap-dev.net'),
  ...all('snapchat', 'pictures, also of pages', 'medium', V2FLY, 'sc-cdn.net', 'snapkit.com'),
  ...all('snapchat', 'messenger, its first address', 'high', 'Snapchat for Android, its list of own endpoints', 'feelinsonice-hrd.appspot.com', 'feelinsonice.appspot.com'),
  ...all('snapchat', 'voice and video', 'high', 'Snapchat for Android, its list of own endpoints', 'addlive.io'),
  ...all('viber', 'messenger', 'high', V2FLY, 'viber.com', 'vbcdn.com', 'vbcdn.net', 'viber.me'),
  ...all('line', 'messenger', 'high', V2FLY, 'line.me', 'line-apps.com', 'line.naver.jp', 'lin.ee'),
  ...all('line', 'pictures, also on pages of others', 'medium', V2FLY, 'line-scdn.net', 'line-cdn.net'),
  ...all('wechat', 'messenger', 'high', ADGUARD, 'wechat.com', 'weixin.qq.com', 'weixin.qq.com.cn', 'wx.qq.com'),
  ...all('wechat', 'pictures of people, also on pages', 'medium', 'mars, sample of Tencent', 'wx.qlogo.cn', 'mmsns.qpic.cn'),
  ...all('wechat', 'bridge of pages', 'medium', ADGUARD, 'weixinbridge.com'),
  ...all('kakaotalk', 'messenger', 'high', 'node-kakao source', 'booking-loco.kakao.com', 'ticket-loco.kakao.com', 'talk.kakao.com', 'sb-talk.kakao.com'),
  ...all('kakaotalk', 'maker', 'medium', ADGUARD, 'kakao.com', 'kgslb.com'),
  ...all('zalo', 'messenger', 'high', 'Zalo, help pages', 'zalo.me', 'zaloapp.com', 'zalo.vn'),
  ...all('threema', 'messenger', 'high', 'Threema, firewall settings', 'threema.ch', 'threema.id'),
  ...all('wire', 'messenger', 'high', 'Wire, domain names and ports', 'wire.com'),
  ...all('matrix', 'messenger', 'high', 'Element, help pages', 'matrix.org', 'element.io', 'riot.im', 'vector.im'),
  ...all('skype', 'messenger', 'high', ADGUARD, 'skype.com', 'skype.net', 'skypeassets.com', 'skypeassets.net', 'skypedata.akadns.net'),
  ...all('skype', 'messages', 'medium', 'skpy source', 'gateway.messenger.live.com'),
  ...all('teams', 'messenger for people at home', 'high', MS365, 'teams.live.com'),
  ...all('teams', 'messenger for firms and at home', 'medium', MS365, 'teams.microsoft.com', 'teams.cloud.microsoft', 'lync.com', 'teams.events.data.microsoft.com', 'broadcast.skype.com'),
  ...all('slack', 'messenger', 'high', V2FLY, 'slack.com', 'slackb.com'),
  ...all('slack', 'files and pictures', 'high', V2FLY, 'slack-edge.com', 'slack-imgs.com', 'slack-files.com', 'slack-msgs.com'),
  ...all('zoom', 'meetings and chat', 'medium', V2FLY, 'zoom.us', 'zoom.com'),
  ...all('zoom', 'meetings and chat, in China', 'medium', 'Zoom, firewall rules', 'zoom.com.cn', 'zoomgov.com'),
  ...all('imessage', 'registration and keys', 'medium', 'pypush source', 'ess.apple.com'),
  ...all('googlechat', 'messenger', 'high', 'Google Workspace, firewall settings', 'chat.google.com', 'chat.googleapis.com'),
  ...all('steam', 'people, groups and chat', 'medium', 'Valve, required ports', 'steamcommunity.com', 'steamserver.net'),
  ...all('session', 'messenger', 'high', 'Session source', 'getsession.org'),
  ...all('simplex', 'relays', 'high', 'SimpleX Chat source', 'simplex.im'),
  ...all('qq', 'messenger', 'high', V2FLY, 'im.qq.com', 'tim.qq.com', 'w.qq.com', 'web2.qq.com'),
  ...all('mrim', 'messenger', 'high', 'Miranda IM', 'mrim.mail.ru', 'agent.mail.ru'),
  ...all('gadu-gadu', 'messenger', 'high', 'libgadu source', 'appmsg.gadu-gadu.pl', 'gadu-gadu.pl', 'gg.pl'),
  ...all('gadu-gadu', 'status picture of a web page', 'low', 'links on pages of the time', 'status.gadu-gadu.pl').map(
    (row) => ({ ...row, ignore: true as const }),
  ),
  ...['irc.libera.chat', 'irc.oftc.net', 'irc.efnet.org', 'irc.undernet.org', 'irc.quakenet.org', 'irc.rizon.net', 'irc.dal.net', 'irc.freenode.net', 'irc.hackint.org', 'open.ircnet.net'].map(
    (host): ServiceRow => ({
      ...{ service: 'irc', host, role: 'network of servers', web: false, confidence: 'high' },
      ...{ source: 'the network’s own pages', date: DATE },
    }),
  ),
];

/** Hosts for one thing. */
function all(
  service: string,
  role: string,
  confidence: RowConfidence,
  source: string,
  ...hosts: string[]
): ServiceRow[] {
  return hosts.map((host) => ({ service, host, role, web: true, confidence, source, date: DATE }));
}
