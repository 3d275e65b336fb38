/** Methods of which the first request of a client may be; RFC 9110, 9.3. */
export const METHODS: readonly string[] = ['GET', 'POST', 'HEAD', 'PUT'];

export const PORTS: readonly number[] = [80];

/** Bytes of a request in which its host must stand. */
export const LOOK = 4_096;

/** Requests of one connection that are read. */
export const MAX_REQUESTS = 256;
/** Rows of one connection that are told. */
export const MAX_TOLD = 16;
/** Characters that are kept of what a client calls itself. */
export const LONGEST_AGENT = 256;
