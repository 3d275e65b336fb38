import type { EveEvent } from '../../event/eve.ts';
import type { Place } from '../alert.ts';

/** Where and when in the input an event was seen. */
export function placeOf(event: EveEvent): Place {
  const { timestamp, pcap_filename, pcap_cnt, in_iface, host, direction } = event;
  const place: Place = { timestamp };
  if (pcap_filename !== undefined) place.pcap_filename = pcap_filename;
  if (pcap_cnt !== undefined) place.pcap_cnt = pcap_cnt;
  if (in_iface !== undefined) place.in_iface = in_iface;
  if (host !== undefined) place.host = host;
  if (direction !== undefined) place.direction = direction;
  return place;
}
