#!/bin/sh
# What scripts/test-system.sh runs inside the booted Debian, as root. The last line is "all passed", or an error.
#
# The service is the sandbox behind nginx with TLS, under names that only this machine knows; its webhooks come in through
# nginx with the configuration of contrib/nginx.conf. So TLS, names, sockets and sandboxing are the real ones.
set -u
cd /opt/test
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

state=/var/lib/ficsync
db=$state/ficsync.db
count=0

fail() {
    echo "not ok: $*"
    journalctl --no-pager --output=short --lines=40 -u 'ficsync-*'
    exit 1
}
ok() {
    count=$((count + 1))
    echo "ok $count: $*"
}
# is WHAT EXPECTED FOUND
is() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; ok "$1"; }
does() { what=$1; shift; "$@" >/opt/test/said 2>&1 || { cat /opt/test/said; fail "$what"; }; ok "$what"; }
refuses() { what=$1; shift; if "$@" >/opt/test/said 2>&1; then cat /opt/test/said; fail "$what"; fi; ok "$what"; }
# until SECONDS COMMAND...: true as soon as the command is.
until_true() {
    left=$(($1 * 5)); shift
    while [ "$left" -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.2; left=$((left - 1))
    done
    return 1
}
about() { stat -c '%a %U %G' "$1"; }
value() { sqlite3 -readonly "$db" "$1"; }
# A reader may meet the moment in which a run opens the file: that is what a time-out is for.
as_reader() { runuser -u anna -- sqlite3 -readonly -cmd '.timeout 2000' "$db" "$1"; }
as_owner() { runuser -u ficsync -- "$@"; }
control() { ./sandbox --control http://127.0.0.1:9100 "$@"; }
holds() { [ "$(value "$1")" = "$2" ]; }
says() { journalctl --no-pager --output=cat -u "$1" | grep -q -- "$2"; }
property() { systemctl show --value --property="$2" "$1"; }

echo "$(systemctl --version | head -n 1), $(. /etc/os-release; echo "$PRETTY_NAME"), $(sqlite3 --version | cut -d' ' -f1)"

# --- installed ---------------------------------------------------------------------------------------------------
does 'the package installs' dpkg -i ficsync.deb
is 'settings folder' '755 root root' "$(about /etc/ficsync)"
is 'settings' '644 root root' "$(about /etc/ficsync/config.toml)"
is 'state folder' '2750 ficsync ficsync-readers' "$(about $state)"
is 'nothing is enabled' '' "$(systemctl list-unit-files 'ficsync-*' --state=enabled --no-legend)"
is 'nothing runs' '' "$(systemctl list-units 'ficsync-*' --state=active --no-legend)"
does 'the overview is a manual page' test -s /usr/share/man/man7/ficsync.7.gz

# --- the world around it -----------------------------------------------------------------------------------------
useradd --create-home --groups ficsync-readers anna
useradd --create-home mario
systemd-run --quiet --unit=sandbox --property=WorkingDirectory=/opt/test /bin/sh -c \
    'exec ./sandbox --port 9100 --clients 250 --suppliers 20 --invoices 320 --quotes 15 >/opt/test/sandbox.out'
until_true 20 grep -q '^token ' sandbox.out || fail 'the sandbox does not start'
sed -n 's/^token \([^ ]*\).*/\1/p' sandbox.out >token
cat >>/etc/hosts <<HOSTS
127.0.0.1 api.fic.test wrong.fic.test hooks.example.it
127.0.1.1 $(hostname)
HOSTS
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=ficsync test' -keyout ca.key -out ca.pem 2>/dev/null
certificate() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -addext "subjectAltName=DNS:$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out "$1.pem" 2>/dev/null
}
certificate api.fic.test
certificate hooks.example.it
cp ca.pem /usr/local/share/ca-certificates/ficsync-test.crt
update-ca-certificates >/dev/null 2>&1
sed -e 's|/etc/letsencrypt/live/hooks.example.it/fullchain.pem|/opt/test/hooks.example.it.pem|' \
    -e 's|/etc/letsencrypt/live/hooks.example.it/privkey.pem|/opt/test/hooks.example.it.key|' \
    nginx.conf >/etc/nginx/sites-enabled/ficsync
# The service with TLS, and the way of its webhooks to the public name: the sandbox itself speaks plain http.
cat >/etc/nginx/sites-enabled/world <<'NGINX'
server {
    listen 443 ssl;
    server_name api.fic.test wrong.fic.test;
    ssl_certificate /opt/test/api.fic.test.pem;
    ssl_certificate_key /opt/test/api.fic.test.key;
    location / { proxy_pass http://127.0.0.1:9100; proxy_set_header Host $host; }
}
server {
    listen 127.0.0.1:9200;
    location / {
        proxy_pass https://hooks.example.it;
        proxy_set_header Host hooks.example.it;
        proxy_ssl_server_name on;
        proxy_ssl_name hooks.example.it;
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate /opt/test/ca.pem;
    }
}
NGINX
rm -f /etc/nginx/sites-enabled/default
does 'nginx takes the snippet' nginx -t
systemctl restart nginx
./sandbox --control http://127.0.0.1:9100 public_key >key.json
# The PEM is a JSON string: its line ends are written as \n.
settings() {
    printf '%b' "$(sed 's/.*"pem": *"\([^"]*\)".*/\1/' /opt/test/key.json)" >/etc/ficsync/webhook.pem
    cat >/etc/ficsync/config.toml <<'TOML'
api_url = "https://api.fic.test"
public_url = "https://hooks.example.it"
webhook_public_key = "/etc/ficsync/webhook.pem"
TOML
}
settings
cp /etc/ficsync/config.toml config.before

# --- account and sync --------------------------------------------------------------------------------------------
does 'an account is added, over TLS' as_owner ficsync account add --name Rossi --token-stdin <token
is 'database' '640 ficsync ficsync-readers' "$(about $db)"
is 'credentials folder' '2700 ficsync ficsync-readers' "$(about $state/credentials)"
is 'credentials' '600 ficsync ficsync-readers' "$(about $state/credentials/1.json)"
does 'the service unit syncs' systemctl start ficsync-sync.service
is 'invoices are there' 320 "$(value 'SELECT count(*) FROM invoices')"
is 'state folder, after a unit ran' '2750 ficsync ficsync-readers' "$(about $state)"
for file in ficsync.db-wal ficsync.db-shm; do is $file '640 ficsync ficsync-readers' "$(about $state/$file)"; done
is 'clock: stamps are of this minute' 1 "$(value "SELECT count(*) FROM accounts WHERE last_sync_at > strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-5 minutes')")"

# --- root's hand -------------------------------------------------------------------------------------------------
chmod 600 token
does 'root looks' ficsync status
does 'root syncs' ficsync sync all
does 'root gives a token from a file of its own' ficsync account set-token 1 --token-file /opt/test/token
is "all that as the owner: no file is root's" '' "$(find $state -user root)"
mv $state/ficsync.db.locks/1.lock 1.lock
as_owner ln -s /etc/passwd $state/ficsync.db.locks/1.lock
before=$(about /etc/passwd)
refuses 'a link is not followed' ficsync sync all
is 'and what it leads to stays' "$before" "$(about /etc/passwd)"
rm $state/ficsync.db.locks/1.lock

# --- readers -----------------------------------------------------------------------------------------------------
is 'a reader queries, all services stopped' 250 "$(runuser -u anna -- sqlite3 -readonly $db 'SELECT count(*) FROM clients')"
refuses 'a reader may not list the credentials' runuser -u anna -- ls $state/credentials
refuses 'a reader may not read a token' runuser -u anna -- cat $state/credentials/1.json
refuses 'a reader may not write' runuser -u anna -- sqlite3 $db 'DELETE FROM accounts'
refuses 'a reader may not make files there' runuser -u anna -- touch $state/x
refuses 'others read nothing' runuser -u mario -- sqlite3 -readonly $db 'SELECT 1 FROM accounts'
mkdir -p /run/systemd/system/ficsync-sync.service.d
printf '[Service]\nExecStart=\nExecStart=/usr/bin/ficsync sync all --full\n' >/run/systemd/system/ficsync-sync.service.d/full.conf
systemctl daemon-reload
systemctl start --no-block ficsync-sync.service
asked=0
# a oneshot unit is "activating" as long as it runs
while [ "$asked" -lt 30 ] || [ "$(property ficsync-sync.service ActiveState)" = activating ]; do
    as_reader 'SELECT count(*) FROM clients' >/opt/test/said 2>&1 || { cat said; fail 'a reader queries during a sync'; }
    asked=$((asked + 1))
done
ok "a reader queried $asked times during a full walk"
rm -r /run/systemd/system/ficsync-sync.service.d

# --- failures are said -------------------------------------------------------------------------------------------
printf '#!/bin/sh\necho "hook of $(id -u) for $1 $2 $3: $(head -n 1)"\n' >/etc/ficsync/on-failure
chmod 755 /etc/ficsync/on-failure
mkdir -p /run/systemd/system/ficsync-sync.service.d
printf '[Service]\nEnvironment=FICSYNC_API_URL=https://wrong.fic.test\n' >/run/systemd/system/ficsync-sync.service.d/wrong.conf
systemctl daemon-reload
refuses 'a certificate for another name is refused' systemctl start ficsync-sync.service
alert='ficsync-alert unit=ficsync-sync.service result=exit-code exit=1: '
is 'the unit says itself what it was' 1 "$(journalctl --no-pager --output=cat -u ficsync-sync.service | grep -c 'certificate not valid for name "wrong.fic.test"')"
until_true 20 says ficsync-failure@ficsync-sync.service.service "$alert" || fail 'the failure is said in the journal'
ok 'the failure is said in the journal'
says ficsync-failure@ficsync-sync.service.service 'wrong.fic.test' || fail 'with the last lines of the unit'
ok 'with the last lines of the unit'
until_true 20 says ficsync-failure@ficsync-sync.service.service 'hook of [1-9][0-9]* for ficsync-sync.service exit-code 1: ficsync-alert' || fail "the hook runs"
ok 'the hook of the administrator runs, as a user of the moment'
is 'with the priority of an error' 3 "$(journalctl -u ficsync-failure@ficsync-sync.service.service -o json --no-pager | grep -F 'ficsync-alert unit' | head -n 1 | sed 's/.*"PRIORITY":"\([0-9]\)".*/\1/')"
rm -r /run/systemd/system/ficsync-sync.service.d
systemctl daemon-reload

# --- timer -------------------------------------------------------------------------------------------------------
mkdir -p /run/systemd/system/ficsync-sync.timer.d
printf '[Timer]\nOnCalendar=\nOnCalendar=*:*:0/3\nRandomizedDelaySec=0\nAccuracySec=100ms\n' >/run/systemd/system/ficsync-sync.timer.d/often.conf
systemctl daemon-reload
control create '{"company": 12345, "resource": "invoices", "count": 3}' >/dev/null
does 'the timer is enabled' systemctl enable --now ficsync-sync.timer
until_true 20 holds 'SELECT count(*) FROM invoices' 323 || fail 'the timer brings new invoices'
ok 'the timer brings new invoices'
systemctl stop ficsync-sync.timer
rm -r /run/systemd/system/ficsync-sync.timer.d
systemctl daemon-reload

# --- webhooks ----------------------------------------------------------------------------------------------------
does 'the listener is enabled, and its socket with it' systemctl enable ficsync-webhook.service
does 'the socket listens' systemctl start ficsync-webhook.socket
is 'the listener does not run yet' inactive "$(systemctl is-active ficsync-webhook.service)"
does 'the first request starts it' curl -fsS --max-time 20 http://127.0.0.1:8787/healthz
is 'the listener runs' active "$(systemctl is-active ficsync-webhook.service)"
control map_sink '{"prefix": "https://hooks.example.it", "base": "http://127.0.0.1:9200"}' >/dev/null
systemctl start ficsync-sync.timer ficsync-ensure.timer
does 'the daily care: subscriptions, old events, checks' systemctl start ficsync-ensure.service
is 'two subscriptions are verified' 2 "$(value 'SELECT count(*) FROM subscriptions WHERE verified')"
control deliver '{"on": true}' >/dev/null
change() { control update "{\"company\": 12345, \"resource\": \"clients\", \"id\": $client, \"set\": {\"name\": \"$1\"}}" >/dev/null; }
arrives() { until_true 40 holds "SELECT name FROM clients WHERE id = $client" "$1" || fail "$2"; ok "$2"; }
client=$(value 'SELECT max(id) FROM clients')
change 'Uno srl'
arrives 'Uno srl' 'a webhook through TLS and nginx is in the table'
status() { curl -s -o /dev/null -w '%{http_code}' --max-time 10 --cacert ca.pem "$@"; }
is 'nginx passes nothing else: metrics' 000 "$(status https://hooks.example.it/metrics)"
is 'nginx passes nothing else: health' 000 "$(status https://hooks.example.it/api/webhooks/fic/../../../healthz --path-as-is)"
is 'a stranger gets in nowhere' 401 "$(status -X POST -d '{}' https://hooks.example.it/api/webhooks/fic/1/entity)"
is 'a body of 2 MB is refused' 413 "$(head -c 2000000 /dev/zero | status -X POST --data-binary @- https://hooks.example.it/api/webhooks/fic/1/entity)"
is 'a reader queries while the listener runs' "$(value 'SELECT count(*) FROM clients')" "$(runuser -u anna -- sqlite3 -readonly $db 'SELECT count(*) FROM clients')"

# --- hard ends ---------------------------------------------------------------------------------------------------
pid=$(property ficsync-webhook.service MainPID)
kill -9 "$pid"
change 'Due srl'
arrives 'Due srl' 'killed hard: started again, nothing is lost'
[ "$(property ficsync-webhook.service MainPID)" != "$pid" ] || fail 'another process'
ok 'by another process'
mkdir -p /run/systemd/system/ficsync-webhook.service.d
printf '[Service]\nWatchdogSec=4\n' >/run/systemd/system/ficsync-webhook.service.d/soon.conf
systemctl daemon-reload
systemctl restart ficsync-webhook.service
pid=$(property ficsync-webhook.service MainPID)
kill -STOP "$pid"
change 'Tre srl'
until_true 60 says ficsync-webhook.service 'Watchdog timeout' || fail 'the watchdog sees that it hangs'
ok 'the watchdog sees that it hangs'
arrives 'Tre srl' 'and what came meanwhile is in the table'
is 'no core dump is left' '' "$(find / -xdev -name 'core*' -size +100k -newer config.before -type f 2>/dev/null | grep -v '^/proc')"
rm -r /run/systemd/system/ficsync-webhook.service.d
systemctl daemon-reload
systemctl restart ficsync-webhook.service
begun=$(date +%s)
does 'it stops when asked' systemctl stop ficsync-webhook.service ficsync-webhook.socket
[ $(($(date +%s) - begun)) -le 10 ] || fail 'within 10 seconds'
is 'and that was no failure' success "$(property ficsync-webhook.service Result)"
systemctl start ficsync-webhook.socket ficsync-webhook.service

# --- tokens by systemd -------------------------------------------------------------------------------------------
mkdir -p /run/systemd/system/ficsync-sync.service.d
printf '[Service]\nLoadCredential=fic-token-1:/opt/test/token\n' >/run/systemd/system/ficsync-sync.service.d/token.conf
systemctl daemon-reload
mv $state/credentials/1.json 1.json
does 'a token by LoadCredential=' systemctl start ficsync-sync.service
is 'is not copied' '' "$(ls $state/credentials | grep json)"
does 'a token is encrypted' systemd-creds encrypt --name=fic-token-1 token /etc/ficsync/fic-token-1.cred
refuses 'and cannot be read there' grep -q -F "$(cat token)" /etc/ficsync/fic-token-1.cred
printf '[Service]\nLoadCredentialEncrypted=fic-token-1:/etc/ficsync/fic-token-1.cred\n' >/run/systemd/system/ficsync-sync.service.d/token.conf
systemctl daemon-reload
does 'a token by LoadCredentialEncrypted=' systemctl start ficsync-sync.service
is 'is not copied either' '' "$(ls $state/credentials | grep json)"
rm /etc/ficsync/fic-token-1.cred
cp -p 1.json $state/credentials/1.json
rm -r /run/systemd/system/ficsync-sync.service.d
systemctl daemon-reload

# --- one instance per database -----------------------------------------------------------------------------------
cp /etc/ficsync/config.toml /etc/ficsync/bianchi.toml
as_owner install -d -m 2750 $state/bianchi
is 'an instance has a folder of its own' '2750 ficsync ficsync-readers' "$(about $state/bianchi)"
does 'an account of an instance' as_owner env FICSYNC_CONFIG=/etc/ficsync/bianchi.toml \
    FICSYNC_DB=$state/bianchi/ficsync.db ficsync account add --name Bianchi --token-stdin <token
does 'an instance syncs' systemctl start ficsync-sync@bianchi.service
is 'into its own database' 323 "$(sqlite3 -readonly $state/bianchi/ficsync.db 'SELECT count(*) FROM invoices')"
does 'an instance listens' systemctl start ficsync-webhook@bianchi.socket
does 'on its own socket' curl -fsS --max-time 20 --unix-socket /run/ficsync-webhook-bianchi.sock http://localhost/healthz
systemctl stop ficsync-webhook@bianchi.socket ficsync-webhook@bianchi.service

# --- upgraded, removed, purged -----------------------------------------------------------------------------------
pid=$(property ficsync-webhook.service MainPID)
: >$state/credentials/9.json
does 'the next package installs, and a file of root below the folder is no hindrance' dpkg -i --force-confdef next.deb
is 'it is left as it is' '644 root' "$(stat -c '%a %U' $state/credentials/9.json)"
rm $state/credentials/9.json
is 'the settings stay' "$(cat config.before)" "$(cat /etc/ficsync/config.toml)"
[ "$(property ficsync-webhook.service MainPID)" != "$pid" ] || fail 'the listener runs the new program'
ok 'the listener runs the new program'
is 'what was enabled stays enabled' enabled "$(systemctl is-enabled ficsync-sync.timer)"
change 'Quattro srl'
arrives 'Quattro srl' 'and takes webhooks'
systemctl start ficsync-sync.timer
does 'the package is removed' dpkg -r ficsync
is 'nothing of it runs' '' "$(systemctl list-units 'ficsync-*' --state=active --no-legend --plain)"
is 'the data stays' '640 ficsync ficsync-readers' "$(about $db)"
does 'the settings stay' test -e /etc/ficsync/config.toml
does 'the package is purged' dpkg -P ficsync
refuses 'the data is gone' test -e $state
refuses 'the settings are gone' test -e /etc/ficsync/config.toml
is 'no link of a unit is left' '' "$(find /etc/systemd/system -name 'ficsync-*')"

. /opt/test/pages.sh
echo "$count checks"
echo "all passed"
