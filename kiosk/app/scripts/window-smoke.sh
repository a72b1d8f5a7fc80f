#!/bin/sh
# The kiosk in a real window (feature winit) on a virtual X display: waits for the first frame, keeps a picture of it, ends the
# kiosk with SIGTERM. Simulated parts, no cloud.
#
#   window-smoke.sh KIOSK DEMO_TOWN PICTURE.png
#
# Needs: xvfb, imagemagick. Exit code 0 only if there was something to see and the kiosk ended well.
set -eu
[ $# -eq 3 ] || { sed -n '2,8p' "$0" >&2; exit 2; }
for program in Xvfb import identify; do
    command -v "$program" >/dev/null || { echo "window-smoke.sh: $program is missing (apt-get install xvfb imagemagick)" >&2; exit 3; }
done
folder=$(mktemp -d)
trap 'kill ${kiosk:-} ${display:-} 2>/dev/null || true; rm -rf "$folder"' EXIT

"$2" prepare --out "$folder/town" --assets assets --postal-codes target/data/postal.tsv >/dev/null
settings=$folder/town/settings/kiosk-window.toml
sed -e '/^\[screen\.web\]/,$d' "$folder/town/settings/kiosk-simulated.toml" >"$settings"
echo '[screen.window]' >>"$settings"

mkfifo "$folder/number"
Xvfb -displayfd 3 -screen 0 1080x1920x24 -nolisten tcp 3>"$folder/number" 2>"$folder/xvfb.log" & display=$!
read -r number <"$folder/number"
DISPLAY=:$number; export DISPLAY

"$1" run --settings "$settings" 2>"$folder/kiosk.log" & kiosk=$!
tries=0
until import -silent -window root "$3" && [ "$(identify -format %k "$3")" -gt 50 ]; do
    tries=$((tries + 1))
    kill -0 $kiosk && [ $tries -lt 120 ] || { echo "window-smoke.sh: nothing to see" >&2; cat "$folder/kiosk.log" >&2; exit 4; }
    sleep 0.25
done
grep -q 'kind="screen"' "$folder/kiosk.log"
kill -TERM $kiosk
wait $kiosk
kiosk=
echo "first frame: $3, $(identify -format '%wx%h, %k colours' "$3")"
