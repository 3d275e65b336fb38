import type { Random } from './random.ts';
import type { Scene } from './scene.ts';
import { HttpExchanges } from './traffic/http.ts';
import { Pools } from './traffic/pools.ts';
import { TlsPeers } from './traffic/tls.ts';

/** What the makers of flows share. */
export interface World {
  readonly scene: Scene;
  readonly random: Random;
  readonly pools: Pools;
  readonly tls: TlsPeers;
  readonly http: HttpExchanges;
}

export function buildWorld(scene: Scene): World {
  const { random } = scene;
  const pools = new Pools(random);
  return { scene, random, pools, tls: new TlsPeers(random, pools), http: new HttpExchanges(random, pools) };
}
