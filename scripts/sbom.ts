import { createHash } from 'node:crypto';

interface Sbom {
  serialNumber?: string;
  metadata?: { timestamp?: string; component?: { name?: string; 'bom-ref'?: string } };
  components?: { name: string; version: string; 'bom-ref'?: string; licenses?: unknown }[];
}

/**
 * npm's bill of materials without what is of chance: its time is `epoch` (seconds), its serial number a hash of the rest
 * (a UUID of version 8). Throws where a component has no licence.
 */
export function stableSbom(json: string, epoch: number): string {
  const sbom = JSON.parse(json) as Sbom;
  for (const { name, version, licenses } of sbom.components ?? [])
    if (!Array.isArray(licenses) || licenses.length === 0)
      throw new Error(`${name} ${version} tells no licence`);
  delete sbom.serialNumber;
  sbom.metadata = { ...sbom.metadata, timestamp: new Date(epoch * 1_000).toISOString() };
  // npm names the program after the folder that it is in.
  const { component } = sbom.metadata;
  if (component !== undefined) component.name = component['bom-ref']?.replace(/@[^@]*$/, '') ?? '';
  sbom.components?.sort((a, b) => ((a['bom-ref'] ?? a.name) < (b['bom-ref'] ?? b.name) ? -1 : 1));
  const hex = createHash('sha256').update(JSON.stringify(sbom)).digest('hex');
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `${JSON.stringify({ ...sbom, serialNumber: `urn:uuid:${uuid.join('-')}` }, null, 2)}\n`;
}
