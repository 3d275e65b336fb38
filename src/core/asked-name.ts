/** The name by which a server was looked up. DNS can be forged, and an address has many names: a hint, never a proof. */
export interface AskedName {
  /** Lower case, without the dot of the root. */
  readonly name: string;
  /** Seconds from the answer to the connection's first packet. */
  readonly before: number;
  /** The client itself asked; else somebody else did, as the resolver that it asks. */
  readonly byClient: boolean;
}

/** As evidence. */
export function askedEvidence({ name, before, byClient }: AskedName): string {
  return `dns: ${name} asked ${byClient ? '' : 'by another '}${before} s before`;
}
