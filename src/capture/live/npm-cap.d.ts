/** npm `cap`, as far as we use it (it ships no types). An optional dependency. */
declare module 'cap' {
  export class Cap {
    /** Opens the interface; the link type by name. Throws what libpcap says. */
    open(device: string, filter: string, bufferBytes: number, packet: Buffer): string;
    close(): void;
    on(event: 'packet', listener: (length: number, truncated: boolean) => void): this;
  }
}
