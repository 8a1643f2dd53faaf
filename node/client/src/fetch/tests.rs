use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{IpAddr, SocketAddr, TcpListener},
    path::PathBuf,
    thread,
};

use super::*;

/// A DNS of our own: names with the addresses that they have, and numbers as they are.
#[derive(Debug)]
struct Names(Vec<(&'static str, Vec<&'static str>)>);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default();
        let Some((_, addresses)) = self.0.iter().find(|(name, _)| *name == host) else {
            let number = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
            return if number || host == "localhost" {
                DefaultResolver::default().resolve(uri, config, timeout)
            } else {
                Err(ureq::Error::HostNotFound)
            };
        };
        let mut found = self.empty();
        for address in addresses {
            let ip: IpAddr = address.parse().expect("a number");
            found.push(SocketAddr::new(ip, uri.port_u16().unwrap_or(80)));
        }
        Ok(found)
    }
}

/// Answers each request on a loopback port with the same bytes, as often as it is asked; gives its address.
fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut first = String::new();
            let mut lines = BufReader::new(stream.try_clone().expect("a handle"));
            let _ = lines.read_line(&mut first);
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|n| n > 2) {
                line.clear();
            }
            // Who asked hangs up when it has seen enough.
            let _ = stream.write_all(&answer(&first));
        }
    });
    url
}

#[test]
fn addresses_that_lead_inwards_are_refused_before_anything_is_sent() {
    let fetcher = Fetcher::new(false);
    for url in [
        "http://localhost:9/",
        "http://127.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://[::1]:9/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fc00::1]/",
        "http://192.168.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127.0.0.1:0/",
    ] {
        let refused = fetcher.get(url, 10).expect_err(url).to_string();
        assert!(refused.contains("private network"), "{url}: {refused}");
    }
    for url in [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "ext::sh -c id",
        "/srv/other",
        "https://user@example.org/",
        "https://:secret@example.org/",
    ] {
        assert!(
            matches!(fetcher.get(url, 10), Err(FetchError::Address { .. })),
            "{url}"
        );
    }
}

#[test]
fn a_name_with_one_address_inside_is_refused_whatever_its_others_are() {
    let names = vec![("both.example", vec!["192.0.2.1", "10.0.0.1"])];
    let refused = Fetcher::through(Names(names), false, "commun").get("http://both.example/", 10);
    let refused = refused.expect_err("refused").to_string();
    assert!(refused.contains("private network"), "{refused}");
}

#[test]
fn a_source_that_sends_one_elsewhere_without_end_or_to_a_file_gives_nothing() {
    let to = |place: &'static str| {
        server(move |_| {
            format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .into_bytes()
        })
    };
    for place in ["/", "file:///etc/passwd", "gopher://127.0.0.1/"] {
        let got = Fetcher::new(true).get(&to(place), 1_000);
        assert!(!matches!(got, Ok(Fetched::Body(_))), "{place}: {got:?}");
    }
}

#[test]
fn a_source_without_end_or_with_endless_headers_is_left() {
    let endless = server(|_| {
        let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
        answer.resize(4 << 20, b'x');
        answer
    });
    let got = Fetcher::new(true).get(&endless, 1 << 20);
    assert!(matches!(got, Err(FetchError::TooLarge(_))), "{got:?}");
    let headers = server(|_| {
        let flood: String = (0..10_000).map(|n| format!("X-{n}: 1\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{flood}\r\n").into_bytes()
    });
    let got = Fetcher::new(true).get(&headers, 1 << 20);
    assert!(matches!(got, Err(FetchError::Failed(_))), "{got:?}");
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_addresses_that_lead_inwards_are_refused() {
    // What only a server elsewhere could show; the tests above have servers of their own for it.
    const ELSEWHERE: [&str; 3] = [
        "redirect.example",
        "endless.example",
        "header-flood.example",
    ];
    let shared = std::env::var("COMMUN_SHARED").expect("make acceptance sets it");
    let list = PathBuf::from(shared).join("data/hostile/lists/ssrf-urls.json");
    let list = std::fs::read(list).expect("the shared data is there");
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list).expect("a list");
    let inwards = ["localtest.me", "rebind.example", "metadata.google.internal"]
        .map(|name| (name, vec!["127.0.0.1"]));
    let mut names = inwards.to_vec();
    names.push(("multi-a.example", vec!["192.0.2.1", "127.0.0.1"]));
    let fetcher = Fetcher::through(Names(names), false, "commun");
    let mut seen = 0;
    for case in &list {
        let url = case["url"].as_str().expect("an address");
        if ELSEWHERE.iter().any(|host| url.contains(host)) {
            continue;
        }
        assert!(fetcher.get(url, 1_000).is_err(), "{case}");
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}
