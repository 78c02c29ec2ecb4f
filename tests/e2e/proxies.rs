//! Web servers that can stand before the listener: where they lie, and how the snippet of `contrib/` becomes a
//! configuration for a test, with the administrator's changes made and nothing else.

use std::net::SocketAddr;
use std::path::Path;

/// The public name in the snippets.
pub const HOST: &str = "hooks.example.it";

/// One kind of web server.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    /// Where Debian puts it: not every user's path leads there.
    pub program: &'static str,
    /// A call that shows that it is there.
    pub version: &'static str,
    /// Arguments to run it in the foreground with the configuration file that is added last.
    pub arguments: &'static [&'static str],
    /// What the administrator changes in the snippet, for a place of the test's own.
    pub configuration: fn(&Place) -> String,
    /// What is answered where nothing is passed on; 0: the connection is closed.
    pub elsewhere: &'static [u16],
    /// What is answered to a body that is too long; 0: the connection is closed while the client still sends.
    pub too_long: &'static [u16],
}

/// Where a proxy runs, in a test.
#[derive(Debug)]
pub struct Place<'a> {
    pub folder: &'a Path,
    /// The name that its certificate is for.
    pub host: &'a str,
    pub port: u16,
    pub listener: SocketAddr,
}

impl Place<'_> {
    fn at(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// The snippet with texts put in others' place, each of which must be there.
    fn changed(&self, snippet: &str, changes: &[(&str, &str)]) -> String {
        changes.iter().fold(snippet.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "the snippet has no {from:?}");
            text.replace(from, to)
        })
    }

    /// The snippet with the test's certificate and listener.
    fn usual(&self, snippet: &str) -> String {
        let changes = [
            ("127.0.0.1:8787", &*self.listener.to_string()),
            ("/etc/letsencrypt/live/hooks.example.it/fullchain.pem", &self.at("cert.pem")),
            ("/etc/letsencrypt/live/hooks.example.it/privkey.pem", &self.at("key.pem")),
        ];
        self.changed(snippet, &changes)
    }
}

pub const KINDS: &[Kind] = &[
    Kind {
        name: "nginx",
        program: "/usr/sbin/nginx",
        version: "-v",
        arguments: &["-c"],
        configuration: nginx,
        elsewhere: &[0, 403],
        too_long: &[413],
    },
    Kind {
        name: "caddy",
        program: "/usr/bin/caddy",
        version: "version",
        arguments: &["run", "--adapter", "caddyfile", "--config"],
        configuration: caddy,
        elsewhere: &[0],
        too_long: &[0, 413, 502],
    },
    Kind {
        name: "apache",
        program: "/usr/sbin/apache2",
        version: "-v",
        arguments: &["-D", "FOREGROUND", "-f"],
        configuration: apache,
        elsewhere: &[403],
        too_long: &[413],
    },
];

fn nginx(place: &Place) -> String {
    let listen = format!("listen 127.0.0.1:{} ssl;", place.port);
    let snippet = place.usual(include_str!("../../contrib/nginx.conf"));
    let name = format!("server_name {};", place.host);
    let changes =
        [("listen [::]:443 ssl;", ""), ("listen 443 ssl;", &*listen), ("server_name hooks.example.it;", &*name)];
    let site = place.changed(&snippet, &changes);
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", place.at(kind)))
        .concat();
    format!(
        "daemon off; master_process off; pid {}; error_log stderr warn;\nevents {{}}\n\
         http {{\naccess_log off;\n{places}{site}\n}}\n",
        place.at("pid")
    )
}

fn caddy(place: &Place) -> String {
    // A certificate of the test's, where Caddy would get its own.
    let site = format!("https://{HOST}:{} {{\n\tbind 127.0.0.1\n", place.port);
    let certificate = format!("tls {} {} {{\n", place.at("cert.pem"), place.at("key.pem"));
    let listener = place.listener.to_string();
    let changes = [("hooks.example.it {\n", &*site), ("tls {\n", &*certificate), ("127.0.0.1:8787", &*listener)];
    let snippet = place.changed(include_str!("../../contrib/Caddyfile"), &changes);
    let storage = place.at("storage");
    format!("{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {storage}\n}}\n{snippet}")
}

fn apache(place: &Place) -> String {
    let host = format!("<VirtualHost 127.0.0.1:{}>", place.port);
    let snippet = place.usual(include_str!("../../contrib/apache.conf"));
    let site = place.changed(&snippet, &[("<VirtualHost *:443>", &host)]);
    // What Debian's apache2.conf and a2enmod bring.
    let modules =
        ["mpm_event", "authn_core", "authz_core", "reqtimeout", "socache_shmcb", "ssl", "proxy", "proxy_http"]
            .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
            .concat();
    format!(
        "ServerRoot {root}\nDefaultRuntimeDir {root}\nPidFile {pid}\nServerName {HOST}\nListen 127.0.0.1:{port}\n\
         ErrorLog {errors}\nUser www-data\nGroup www-data\n{modules}{site}\n",
        root = place.folder.display(),
        pid = place.at("pid"),
        errors = place.at("errors"),
        port = place.port,
    )
}
