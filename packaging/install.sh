#!/bin/sh
# Lays imspan out as Debian would: packaging/install.sh [DESTDIR], from the folder of the unpacked package, with
# its libraries (npm ci --omit=dev --omit=optional --ignore-scripts). What an operator has changed in /etc is left alone.
set -eu
dest=${1:-}
here=$(cd "$(dirname "$0")/.." && pwd)

[ -d "$here/dist" ] || { echo "install: dist is not there: npm run build first" >&2; exit 1; }
[ -d "$here/node_modules" ] || { echo "install: node_modules is not there: npm ci --omit=dev first" >&2; exit 1; }

lib=$dest/usr/lib/imspan
install -d -m 0755 "$lib" "$dest/usr/bin" "$dest/usr/lib/systemd/system" "$dest/usr/lib/sysusers.d" "$dest/etc"
install -d -m 0750 "$dest/etc/imspan"
install -d -m 0700 "$dest/var/lib/imspan" "$dest/var/log/imspan"
# The program as a whole is put in its place: an upgrade leaves nothing of the old one.
rm -rf "$lib.new"
mkdir "$lib.new"
for part in bin dist docs node_modules package.json README.md CHANGELOG.md LICENSE; do
  [ -e "$here/$part" ] && cp -R "$here/$part" "$lib.new/"
done
rm -rf "$lib.old"
mv "$lib" "$lib.old"
mv "$lib.new" "$lib"
rm -rf "$lib.old"
chmod 0755 "$lib/bin/imspan.js"
ln -sf ../lib/imspan/bin/imspan.js "$dest/usr/bin/imspan"

keep() {
  if [ -e "$2" ]; then echo "$2 is kept as it is"; else install -m 0640 "$1" "$2"; fi
}
keep "$here/packaging/etc/imspan.yaml" "$dest/etc/imspan/imspan.yaml"
if [ ! -e "$dest/etc/imspan/policy.yaml" ]; then
  "${NODE:-node}" "$lib/bin/imspan.js" policy init "$dest/etc/imspan/policy.yaml" >/dev/null
  chmod 0640 "$dest/etc/imspan/policy.yaml"
fi
install -m 0644 "$here/packaging/systemd/imspan.service" "$dest/usr/lib/systemd/system/imspan.service"
install -m 0644 "$here/packaging/systemd/imspan.sysusers" "$dest/usr/lib/sysusers.d/imspan.conf"

if [ -z "$dest" ]; then
  if command -v systemd-sysusers >/dev/null; then systemd-sysusers /usr/lib/sysusers.d/imspan.conf
  elif ! id imspan >/dev/null 2>&1; then adduser --system --group --home /var/lib/imspan --no-create-home imspan; fi
  chown imspan:imspan /var/lib/imspan /var/log/imspan
  chown -R root:imspan /etc/imspan
  echo "installed; look at /etc/imspan/imspan.yaml, then: imspan doctor && systemctl enable --now imspan"
fi
