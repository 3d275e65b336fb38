/**
 * One frame of a capture: a view of the reader's own buffer, reused for every frame. What must
 * outlive the call is copied.
 */
export class Frame {
  bytes: Uint8Array = new Uint8Array(0);
  /** The captured bytes are `bytes[start..end)`. */
  start = 0;
  end = 0;
  /** Length on the wire, at least `end - start`. */
  wireLength = 0;
  /** Capture time: seconds since the epoch and nanoseconds (0 to 999,999,999), integers. */
  seconds = 0;
  nanos = 0;
  /** LINKTYPE_ value (www.tcpdump.org/linktypes.html). */
  linkType = 0;
  /** 1-based number in its file, as Wireshark shows. */
  number = 0;
  /** pcapng interface index in its section; 0 for pcap. */
  interfaceId = 0;
  /** Of a merge: the index of its file among those given. Else 0. */
  file = 0;
}
