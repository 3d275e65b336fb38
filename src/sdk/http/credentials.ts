import { decodeUtf8 } from '../../core/text.ts';
import { TO_SERVER } from '../../event/im.ts';
import { decodeBase64 } from '../base64.ts';
import type { FlowContext } from '../plugin.ts';
import type { HttpHead } from './head.ts';

/**
 * Of a request to a proxy: who signs on (`Carry.user`), and that a password was sent in clear (RFC 7617), as the
 * anomaly `proxy_password_exposed` at stream offset `offset`. Neither is shown. Other schemes say nothing here.
 */
export function readProxyCredentials(flow: FlowContext, head: HttpHead, offset: number): void {
  for (const value of head.fields.get('proxy-authorization') ?? []) {
    const basic = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(value);
    const decoded = basic ? decodeBase64(basic[1] ?? '') : undefined;
    const colon = decoded?.indexOf(0x3a) ?? -1;
    if (!decoded || colon <= 0) continue;
    flow.carry?.user(decodeUtf8(decoded, 0, colon));
    if (colon + 1 < decoded.length) flow.anomaly(TO_SERVER, offset, 'proxy_password_exposed');
  }
}
