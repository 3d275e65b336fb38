let cachedDay = '';
let cachedSeconds = 0;
let last = '';
let lastSeconds = 0;

/** Whole seconds since the epoch of an EVE time stamp (`2005-03-08T14:03:11.004512+0000`, always UTC here). */
export function packetSeconds(timestamp: string): number {
  // Events come in bunches of one frame, which share the string.
  if (timestamp !== last) {
    last = timestamp;
    lastSeconds = parseSeconds(timestamp);
  }
  return lastSeconds;
}

function parseSeconds(timestamp: string): number {
  const day = timestamp.slice(0, 10);
  if (day !== cachedDay) {
    cachedDay = day;
    cachedSeconds = Date.parse(`${day}T00:00:00Z`) / 1000;
  }
  return (
    cachedSeconds +
    Number(timestamp.slice(11, 13)) * 3600 +
    Number(timestamp.slice(14, 16)) * 60 +
    Number(timestamp.slice(17, 19))
  );
}
