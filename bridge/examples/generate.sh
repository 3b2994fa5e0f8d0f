#!/bin/sh
# Ask a running daemon for new music with liblo's oscsend and oscdump (Debian: liblo-tools),
# and print the path of every take:
#
#   msanii-bridge serve
#   sh bridge/examples/generate.sh "Am F C G" 97.3 4
#
# PORT is the daemon's, REPLY_PORT a free one on which oscdump hears the answers.
set -eu

chords=${1:-Am F C G}
bpm=${2:-120}
bars=${3:-4}
preset=${PRESET:-piano_loop}
port=${PORT:-9800}
reply_port=${REPLY_PORT:-9810}
job=shell-$$-$(date +%s)

events=$(mktemp)
oscdump -L "$reply_port" >"$events" &
listener=$!
trap 'subscribe 0; kill "$listener"; rm -f "$events"' EXIT

# oscsend hears no answers itself, so the daemon sends every job's events to oscdump. A subscription lasts a
# minute, and oscdump may still be starting, so that it is renewed every second.
subscribe() {
  oscsend 127.0.0.1 "$port" /msanii/notify ii "$1" "$reply_port"
}

# Wait until a line of the events matches $1, for $2 seconds at most.
wait_for() {
  tries=$(($2 * 5))
  until grep -Eq "$1" "$events"; do
    [ "$tries" -gt 0 ] || return 1
    [ $((tries % 5)) -ne 0 ] || subscribe 1
    tries=$((tries - 1))
    sleep 0.2
  done
}

wait_for '/msanii/notify.reply' 5 ||
  { echo "no answer from port $port; is 'msanii-bridge serve' running?" >&2; exit 1; }

oscsend 127.0.0.1 "$port" /msanii/generate ssssssfsi \
  "$job" preset "$preset" chords "$chords" bpm "$bpm" bars "$bars"
# A refusal goes to oscsend's own port, which is closed by then; all others hear of it as /msanii/refused.
wait_for "/msanii/(queued|refused) .*\"$job\"" 5 ||
  { echo "the daemon does not answer the request" >&2; exit 1; }
if grep "/msanii/refused .*\"$job\"" "$events" >&2; then exit 1; fi
wait_for "/msanii/(done|fail) s+ \"$job\"" 600 ||
  { echo "job $job did not end within ten minutes" >&2; exit 1; }

grep "/msanii/take .*\"$job\"" "$events" | cut -d '"' -f 4
! grep "/msanii/fail .*\"$job\"" "$events" >&2
