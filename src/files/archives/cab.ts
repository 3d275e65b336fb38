import { Headers } from './listing.ts';

const HEADER = 36;
/** Unpacked u32, place u32, folder u16, date u16, time u16, attributes u16; then the name with a NUL. */
const FILE = 16;
const MAX_NAME = 256;
const NAME_IS_UTF8 = 0x80;

/** A Microsoft cabinet ([MS-CAB]): a header, folders, and the list of files before their bytes. */
export class CabListing extends Headers {
  #files = -1;
  #size = 0;

  constructor() {
    super('cab', HEADER);
  }

  protected read(have: number): void {
    if (this.#files < 0) {
      this.#size = this.view.getUint32(8, true);
      this.#files = this.view.getUint16(28, true);
      this.pass(this.view.getUint32(16, true) - HEADER, FILE + 1);
      return;
    }
    if (this.#files === 0) {
      this.end();
      return;
    }
    if (this.header[have - 1] !== 0 && have < FILE + MAX_NAME) {
      this.want(have + 1);
      return;
    }
    const utf8 = (this.view.getUint16(14, true) & NAME_IS_UTF8) !== 0;
    const name = this.text(FILE, have - 1, utf8 ? 'utf8' : 'latin1');
    // What is packed is packed together: the first entry stands for all of it.
    this.tally.add(name.replaceAll('\\', '/'), false, this.#size, this.view.getUint32(0, true));
    this.#size = 0;
    this.#files--;
    if (this.#files === 0) this.end();
    else this.pass(0, FILE + 1);
  }
}
