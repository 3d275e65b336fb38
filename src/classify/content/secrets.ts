/** Keys and tokens that open something for whoever reads them. */

interface SecretShape {
  readonly name: string;
  /** Part of every match: looked for before the expression is tried. */
  readonly hint: string;
  readonly shape: RegExp;
}

export interface SecretMatch {
  readonly name: string;
  /** For telling one from another; never shown. */
  readonly value: string;
}

/** As their issuers document them. Quantifiers are never nested: each runs in time linear in the text. */
const SHAPES: readonly SecretShape[] = [
  {
    name: 'private key (PEM)',
    hint: '-----BEGIN ',
    shape: /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/,
  },
  { name: 'AWS access key', hint: 'A', shape: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/ },
  { name: 'GitHub token', hint: 'gh', shape: /\bgh[pousr]_[A-Za-z0-9]{36,251}\b/ },
  { name: 'GitHub token', hint: 'github_pat_', shape: /\bgithub_pat_[A-Za-z0-9_]{22,255}\b/ },
  { name: 'GitLab token', hint: 'glpat-', shape: /\bglpat-[A-Za-z0-9_-]{20,64}/ },
  { name: 'Slack token', hint: 'xox', shape: /\bxox[abprs]-\d{6,14}-[A-Za-z0-9-]{10,250}/ },
  { name: 'Google API key', hint: 'AIza', shape: /\bAIza[A-Za-z0-9_-]{35}\b/ },
  { name: 'Stripe key', hint: 'k_live_', shape: /\b[rs]k_live_[A-Za-z0-9]{16,120}\b/ },
  { name: 'npm token', hint: 'npm_', shape: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { name: 'OpenAI key', hint: 'sk-', shape: /\bsk-(?:proj-)?[A-Za-z0-9_-]{40,200}\b/ },
  {
    name: 'JSON Web Token',
    hint: 'eyJ',
    shape: /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{16,1000}/,
  },
  { name: 'PuTTY private key', hint: 'PuTTY-User-Key-File-', shape: /PuTTY-User-Key-File-[23]: [a-z0-9-]+/ },
];

/** The first key or token of a text. */
export function findSecret(text: string): SecretMatch | undefined {
  for (const { name, hint, shape } of SHAPES) {
    if (!text.includes(hint)) continue;
    const match = shape.exec(text);
    if (match) return { name, value: match[0] };
  }
  return undefined;
}

/** Shortest text that can be a piece of a program. */
const MIN_SOURCE = 40;
/** Marks of different kinds that have to meet, and lines. */
const MIN_MARKS = 4;
const MIN_LINES = 3;

const SOURCE_MARKS: readonly RegExp[] = [
  /^\s*#include\s*[<"]/m,
  /^\s*(?:import|from|using|package)\s[\w.{}*, "'/@-]{1,200};?\s*$/m,
  /^\s*(?:public|private|protected|static|export|async)\s[^\n]{0,200}[({]\s*$/m,
  /\b(?:function|def|func|fn|sub|void|int|class|struct|interface)\s+\w{1,80}\s*[({:]/,
  /^\s*(?:const|let|var|my|local)\s+[$\w]{1,80}\s*=/m,
  /;\s*$/m,
  /^\s*\}[;,)]*\s*$/m,
  /\{\s*$/m,
  /\b(?:if|for|while|switch|foreach)\s*\(/,
  /\breturn\b[^\n]{0,200};|^\s+return\b/m,
  /(?:==|!=|&&|\|\||->|=>|\+\+|::)/,
  /^\s*(?:SELECT\s|INSERT INTO\s|CREATE TABLE\s|UPDATE\s\w+\sSET\s)/m,
  /^\s*(?:elif|else|try|except|finally|if [^\n]{1,200}|for \w+ in [^\n]{1,200}):\s*$/m,
];

/** True for several lines that are a piece of a program: marks of different kinds in one text. */
export function looksLikeSource(text: string): boolean {
  if (text.length < MIN_SOURCE) return false;
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  if (lines < MIN_LINES) return false;
  let marks = 0;
  for (const mark of SOURCE_MARKS) if (mark.test(text) && ++marks >= MIN_MARKS) return true;
  return false;
}

/** Words by which offices mark what is not to leave. */
const MARKS: readonly RegExp[] = [
  /\b(?:STRICTLY|COMPANY|HIGHLY) CONFIDENTIAL\b/,
  /\b(?:TOP SECRET|FOR OFFICIAL USE ONLY|NOT FOR DISTRIBUTION|INTERNAL USE ONLY|ATTORNEY[- ]CLIENT PRIVILEGED?)\b/,
  /\bTLP:(?:RED|AMBER)\b/,
  /\b(?:STRENG VERTRAULICH|NUR F\u00dcR DEN DIENSTGEBRAUCH|CONFIDENTIEL D\u00c9FENSE|ESTRICTAMENTE CONFIDENCIAL)\b/,
];

/** The mark of a document, as offices set it: in capitals. */
export function findMark(text: string): string | undefined {
  for (const mark of MARKS) {
    const match = mark.exec(text);
    if (match) return match[0];
  }
  return undefined;
}
