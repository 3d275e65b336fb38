#!/bin/bash
# Records XMPP between a real prosody and real clients (slixmpp): captures/xmpp/record.sh, as root, with prosody,
# python3-slixmpp, tcpdump, iproute2 and ethtool installed. Server and clients are in network namespaces of their own, which
# it makes and takes away; the tap is the clients' end of the link between them. Writes extras.pcap and, of what was said
# and sent, extras.truth.json beside this file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
domain=im.corp.test
password=not-a-secret-1
server_space=imspan-rec-s
client_space=imspan-rec-c
server=10.77.21.10
folder=$(mktemp -d)
tap=
daemon=

finish() {
  [ -n "$tap" ] && kill -INT "$tap" 2>/dev/null && wait "$tap" || true
  [ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon" || true
  ip netns del "$server_space" 2>/dev/null || true
  ip netns del "$client_space" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

ip netns add "$server_space"
ip netns add "$client_space"
ip -n "$server_space" link add imrec0 type veth peer name imrec1 netns "$client_space"
ip -n "$server_space" addr add "$server/24" dev imrec0
for last in 101 102; do ip -n "$client_space" addr add "10.77.21.$last/24" dev imrec1; done
for side in "$server_space imrec0" "$client_space imrec1"; do
  set -- $side
  ip -n "$1" link set lo up
  ip -n "$1" link set "$2" up
  # The packets shall be those of a wire: whole checksums, no more than its MTU.
  ip netns exec "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
done

cat >"$folder/prosody.cfg.lua" <<CONFIG
run_as_root = true
data_path = "$folder"
log = { warn = "$folder/log" }
modules_enabled = { "roster", "saslauth", "presence", "message", "iq", "disco", "vcard" }
modules_disabled = { "s2s", "tls", "posix" }
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
c2s_require_encryption = false
c2s_ports = { 5222 }
c2s_interfaces = { "$server" }
VirtualHost "$domain"
CONFIG
for name in alice bob; do
  prosodyctl --root --config "$folder/prosody.cfg.lua" register "$name" "$domain" "$password"
done
ip netns exec "$server_space" prosody --root --config "$folder/prosody.cfg.lua" -F &
daemon=$!
for _ in $(seq 100); do
  ip netns exec "$server_space" ss -ltn | grep -q ':5222' && break
  sleep 0.1
done

ip netns exec "$client_space" tcpdump -i imrec1 -s 0 -U -w "$here/extras.pcap" 'tcp port 5222' 2>"$folder/tcpdump" &
tap=$!
until grep -q listening "$folder/tcpdump"; do sleep 0.1; done
ip netns exec "$client_space" timeout 60 /usr/bin/python3 "$here/talk.py" "$domain" "$server" "$password" >"$folder/truth"
sleep 0.5
cp "$folder/truth" "$here/extras.truth.json"
