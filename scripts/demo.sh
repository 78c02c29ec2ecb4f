#!/bin/sh
# ficsync in two minutes, without an account: an imitation of Fatture in Cloud runs on this machine, ficsync mirrors
# it, records are changed and deleted there, ficsync finds them; then its webhooks bring a change at once.
#
# Needs Rust, a C compiler and make; nothing is left behind but the build in target/.
# The development build is used: it is ready in a third of the release build's time.
set -eu

cd "$(dirname "$0")/.."
world=$(mktemp -d "${TMPDIR:-/tmp}/ficsync-demo.XXXXXX")
sandbox_pid=
listener_pid=

clean_up() {
    code=$?
    trap - EXIT INT TERM HUP
    # The listener first: it ends by itself what it has in work.
    for pid in $listener_pid $sandbox_pid; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$world"
    if [ "$code" -ne 0 ]; then
        echo "demo: stopped before its end (exit $code)" >&2
    fi
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

# Shows a command as one would type it.
show() {
    line='$ ficsync'
    for word in "$@"; do
        case $word in *[!A-Za-z0-9_./:=-]*) word="'$word'" ;; esac
        line="$line $word"
    done
    printf '%s\n' "$line"
}

# Shows the command, then runs it.
run() {
    show "$@"
    "$ficsync" "$@"
}

# wait_for FILE TEXT PID WHAT: until the process has written the text into the file.
wait_for() {
    tries=0
    until grep -q "$2" "$1"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ] || ! kill -0 "$3" 2>/dev/null; then
            echo "demo: $4 did not start" >&2
            cat "$world"/*.err >&2
            exit 1
        fi
        sleep 0.1
    done
}

# Shows a ready answer and its first rows.
ask() {
    printf '\n$ ficsync query %s | head\n' "$1"
    "$ficsync" query "$1" >"$world/answer"
    head "$world/answer"
}

control() { "$sandbox" --control "$url" "$@"; }

say "Building (the first time takes some minutes)"
"${CARGO:-cargo}" build --bin ficsync --example sandbox --example query
target=$("${CARGO:-cargo}" metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
ficsync=$target/debug/ficsync
sandbox=$target/debug/examples/sandbox
query=$target/debug/examples/query

say "An imitation of Fatture in Cloud, with a company's data of five years"
# Every other list that the service has holds a dozen records.
others=""
for list in products credit_notes proformas issued_receipts delivery_notes orders work_reports supplier_orders \
    self_own_invoices self_supplier_invoices expenses passive_credit_notes passive_delivery_notes received_self_invoices \
    receipts pending_documents taxes archive_documents cashbook_entries emails price_lists vat_types payment_methods \
    payment_accounts; do
    others="$others --$list 12"
done
# shellcheck disable=SC2086 # flags and numbers, one word each
"$sandbox" --clients 120 --suppliers 30 --invoices 450 --quotes 40 $others >"$world/sandbox.out" 2>"$world/sandbox.err" &
sandbox_pid=$!
wait_for "$world/sandbox.out" '^token ' "$sandbox_pid" "the sandbox"
url=$(sed -n 's/^listening on //p' "$world/sandbox.out")
token=$(sed -n 's/^token \([^ ]*\).*/\1/p' "$world/sandbox.out")
echo "120 clients, 30 suppliers, 450 invoices, 40 quotes, and some of everything else at $url"

# ficsync's own settings, whatever this shell's environment says.
: >"$world/config.toml"
unset FICSYNC_LISTEN FICSYNC_WORKERS FICSYNC_PUBLIC_URL FICSYNC_WEBHOOK_PUBLIC_KEY FICSYNC_TIMEOUT \
    CREDENTIALS_DIRECTORY RUST_LOG || true
export FICSYNC_DB="$world/ficsync.db" FICSYNC_CONFIG="$world/config.toml" FICSYNC_API_URL="$url"

say "Add the account; the token comes by standard input, so that nobody sees it in the process list"
printf '%s\n' "$token" | run account add --name 'Rossi S.r.l.' --token-stdin

say "The first run reads everything, 100 records a request"
run sync all

say "Nothing happened since: one request per resource"
run --quiet sync all

say "Which list a timer's run (sync all --due) looks at when, why, and what that costs"
run sync all --plan

say "At the service: three invoices are changed, two clients and an invoice deleted, a quote is made"
# The service's stamps have whole seconds; a change in the second of the last run shows a moment later.
sleep 1
# ids <list> <how many> <after how many>: ids of records, one a line.
ids() {
    "$query" "$FICSYNC_DB" "SELECT id FROM $1 ORDER BY id LIMIT $2 OFFSET $3" | sed -n 's/^ *\([0-9][0-9]*\) *$/\1/p'
}
for id in $(ids invoices 3 40); do
    control update "{\"company\": 12345, \"resource\": \"invoices\", \"id\": $id}" >/dev/null
done
for id in $(ids clients 2 60); do
    control delete "{\"company\": 12345, \"resource\": \"clients\", \"id\": $id}" >/dev/null
done
for id in $(ids invoices 1 200); do
    control delete "{\"company\": 12345, \"resource\": \"invoices\", \"id\": $id}" >/dev/null
done
control create '{"company": 12345, "resource": "quotes"}' >/dev/null

say "The next run finds all of it: changes in the same request, deletions by counting"
run --quiet sync all
# A demonstration that shows the wrong thing must not end well.
gone=$(ids deleted_records 10 0 | wc -l)
if [ "$gone" -ne 3 ]; then
    echo "demo: 3 records were deleted at the service, $gone were found" >&2
    exit 1
fi

say "Ready answers, from 46 that are built in; each is plain SQL on plain tables"
ask receivables_by_due_date
ask turnover_by_month
ask deleted_records

say "Real time: the listener takes the service's signed webhooks"
# Both would be reached under a public name with TLS; the sandbox is told where that name leads on this machine, and the
# listener which key the sandbox signs with: the service's own is built in.
control public_key | sed 's/.*"pem": *"\([^"]*\)".*/\1/' >"$world/key"
printf '%b' "$(cat "$world/key")" >"$world/key.pem"
printf 'public_url = "https://hooks.example.it"\nwebhook_public_key = "%s"\n' "$world/key.pem" >"$world/config.toml"
printf '$ ficsync webhook-listen &\n'
"$ficsync" webhook-listen --listen 127.0.0.1:0 >"$world/listener.out" 2>"$world/listener.err" &
listener_pid=$!
wait_for "$world/listener.err" 'listening for webhooks on ' "$listener_pid" "the listener"
address=$(sed -n 's/.*listening for webhooks on \([0-9.:]*\).*/\1/p' "$world/listener.err")
control map_sink "{\"prefix\": \"https://hooks.example.it\", \"base\": \"http://$address\"}" >/dev/null
control deliver '{"on": true}' >/dev/null
run subscriptions ensure

client=$(ids clients 1 5)
renamed="SELECT id, name, updated_at, synced_at FROM clients WHERE id = $client"
say "At the service, client $client gets another name. Here, before:"
"$query" "$FICSYNC_DB" "$renamed"
control update "{\"company\": 12345, \"resource\": \"clients\", \"id\": $client, \"set\": {\"name\": \"Nuova ragione S.p.A.\"}}" >/dev/null
say "And a moment later, with nobody asking:"
tries=0
until "$query" "$FICSYNC_DB" "$renamed" | grep -q 'Nuova ragione'; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
        echo "demo: the change did not come within ten seconds" >&2
        cat "$world/listener.err" >&2
        exit 1
    fi
    sleep 0.1
done
"$query" "$FICSYNC_DB" "$renamed"
run events list

say "What ficsync knows of itself"
run status

say "Done. Now your own company: see README.md, \"Add an account\""
