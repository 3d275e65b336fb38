/**
 * Limits of the restricted-XML reader. They bound memory and time whatever a stream holds; each
 * that is hit is told as the trouble that its comment names.
 */
export interface XmlLimits {
  /** Bytes of a top-level element from which on it is told as `large`. */
  readonly large: number;
  /** Bytes of a top-level element that is read; a larger one is skipped (`oversize`). */
  readonly element: number;
  /** Levels below the top-level element's; deeper elements are left out of the tree (`depth`). */
  readonly depth: number;
  /** Elements of one tree; what comes after is left out (`elements`). */
  readonly elements: number;
  /** Bytes of a name; a longer one is not well-formed. */
  readonly name: number;
}

export const XML_LIMITS: XmlLimits = {
  large: 256 * 1024,
  element: 512 * 1024,
  depth: 64,
  elements: 16_384,
  name: 256,
};

/** What the reader tells of a stream; a plug-in makes an anomaly of each. */
export type XmlTrouble =
  /** Not well-formed: what was being read is dropped, reading goes on at the next plausible element. */
  | 'not_well_formed'
  /** A document type declaration (RFC 6120, 11.1 forbids it); its entities are never expanded. */
  | 'dtd'
  /** A comment or a processing instruction (forbidden in the same place); skipped. */
  | 'comment_or_pi'
  /** A reference to an entity that XML does not predefine; left as it is written. */
  | 'entity'
  /** A character that XML does not allow, raw or as a reference; U+FFFD stands for it. */
  | 'character'
  /** Bytes that are not UTF-8; U+FFFD stands for them. */
  | 'encoding'
  | 'large'
  | 'oversize'
  | 'depth'
  | 'elements'
  /** An element has more attributes than are looked at. */
  | 'attributes';
