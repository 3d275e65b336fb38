/** A capture of people whose names and words try to act on whoever reads about them. */
import { accepted, answer, auth, challenge, list, received, sent } from '../../protocols/ymsg/build.ts';
import { Conversation, pcapOf } from '../support/packets.ts';

/** Clears a screen, sets a title, begins a line, turns the reading direction, colours by a C1 control, hides. */
export const HOSTILE = {
  name: 'eve\x1b[2J\x1b]0;owned\x07\r\nroot: all is well',
  peer: 'mal\u202egpj.exe\u202c\u200b',
  text: 'look\x1b[31m red\x9b32m green\r\n2005-03-08 00:00:00Z ALERT forged line\u2028and \u2066another\u2069 \x7f\x00end',
};

/** Anything that a terminal or a reader of lines would act on, but the line end. */
export const ACTIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export function hostileCapture(): Uint8Array {
  const { name, peer, text } = HOSTILE;
  const talk = new Conversation({ server: { ip: '198.51.100.20', port: 5050 } })
    .open()
    .send(0, auth(name))
    .send(1, challenge(name, 1))
    .send(0, answer(name))
    .send(1, list(name, `Friends:${peer}\n`))
    .send(1, accepted(name))
    .send(0, sent(name, peer, text))
    .send(1, received(peer, name, text))
    .close();
  return pcapOf(talk.packets);
}
