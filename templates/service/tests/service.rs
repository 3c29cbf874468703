//! The service as clients meet it: the binary runs, and what it is asked comes over TLS.

// What tests share is no test to clippy.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod running;

use running::{Running, TOKEN};

const JSON: &str = "Content-Type: application/json\r\n";

fn post(body: &str) -> String {
    let length = body.len();
    format!(
        "POST /notes HTTP/1.1\r\nHost: x\r\n{JSON}Authorization: Bearer {TOKEN}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
}

/// The headers of a request whose body is awaited: the server says so with `100 Continue`.
fn awaited() -> String {
    format!(
        "POST /notes HTTP/1.1\r\nHost: x\r\n{JSON}Authorization: Bearer {TOKEN}\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n"
    )
}
const BODY: &[u8] = br#"{"text":"a"}"#;

#[track_caller]
fn expect(answer: &str, status: u16, part: &str) {
    let line = format!("HTTP/1.1 {status} ");
    assert!(
        answer.starts_with(&line) && answer.contains(part),
        "{status} {part}\n{answer}"
    );
}

#[test]
fn notes_are_created_read_listed_and_deleted() {
    let service = Running::start(&[]);
    let text = "'); DROP TABLE notes; --";
    expect(
        &service.ask(&post(&format!("{{\"text\":\"{text}\"}}"))),
        201,
        "location: /notes/1\r\n",
    );
    expect(&service.ask(&get("/notes/1")), 200, text);
    expect(&service.ask(&post(r#"{"text":"b"}"#)), 201, "\"id\":2");
    expect(&service.ask(&get("/notes?limit=1")), 200, "\"next\":1}");
    expect(
        &service.ask(&get("/notes?after=1&limit=2")),
        200,
        r#"[{"id":2,"text":"b"}],"next":null}"#,
    );
    let delete = get("/notes/1").replace("GET", "DELETE");
    expect(&service.ask(&delete), 401, "www-authenticate: Bearer\r\n");
    let delete = delete.replace("Host", &format!("Authorization: Bearer {TOKEN}\r\nHost"));
    expect(&service.ask(&delete), 204, "");
    expect(&service.ask(&delete), 404, "not_found");
}

#[test]
fn every_answer_has_the_headers_and_names_no_product() {
    let service = Running::start(&[]);
    for (request, status) in [
        (get("/health/live"), 204),
        (get("/health/ready"), 204),
        (get("/notes"), 200),
        (get("/../../etc/passwd"), 404),
        (get("/notes/%2e%2e%2fpasswd"), 400),
        (get("/notes").replace("GET", "PATCH"), 401),
        (get("/health/live").replace("GET", "POST"), 405),
    ] {
        let answer = service.ask(&request);
        for header in [
            "cache-control: no-store\r\n",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n",
            "referrer-policy: no-referrer\r\n",
            "strict-transport-security: max-age=63072000\r\n",
            "x-content-type-options: nosniff\r\n",
            "x-request-id: ",
        ] {
            expect(&answer, status, header);
        }
        if status >= 400 {
            expect(
                &answer,
                status,
                "content-type: application/problem+json\r\n",
            );
        }
        assert!(
            !answer.to_ascii_lowercase().contains("\r\nserver:"),
            "{answer}"
        );
    }
}

#[test]
fn what_is_no_note_is_refused() {
    let service = Running::start(&[]);
    for (request, status, code) in [
        (post("{"), 400, "bad_request"),
        (post(r#"{"text":1}"#), 422, "invalid"),
        (post(r#"{"text":"a","more":1}"#), 422, "invalid"),
        (post(r#"{"text":"\u0000"}"#), 422, "control characters"),
        (
            post("{}").replace("application/json", "text/plain"),
            415,
            "unsupported_media_type",
        ),
        (get("/notes?limit=101"), 422, "from 1 to 100"),
        (get("/notes?limit=0"), 422, "from 1 to 100"),
        (get("/notes?sort=id"), 400, "bad_request"),
    ] {
        expect(&service.ask(&request), status, code);
    }
    let mut bytes = post("{\"text\":\"?\"}").into_bytes();
    let at = bytes.iter().rposition(|byte| *byte == b'?').unwrap();
    bytes[at] = 0xff;
    expect(&service.ask_bytes(&bytes), 400, "bad_request");
}

#[test]
fn writing_needs_the_token_before_the_body() {
    let service = Running::start(&[]);
    let right = format!("Bearer {TOKEN}");
    for wrong in [
        "",
        "Bearer",
        "Bearer wrong",
        &format!("Basic {TOKEN}"),
        &format!("{right}x"),
    ] {
        // The body that is announced does not come, and is not asked for.
        let request = awaited().replace(&right, wrong);
        let mut stream = service.connect();
        stream.send(request.as_bytes());
        expect(&stream.rest(), 401, "unauthorized");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let service = Running::start(&[
        ("LIMITS_BODY_BYTES", "64"),
        ("LIMITS_HEADERS", "8"),
        ("LIMITS_HEADER_BYTES", "8192"),
    ]);
    let note = |length| post(&format!("{{\"text\":\"{}\"}}", "a".repeat(length)));
    expect(&service.ask(&note(64 - 11)), 201, "");
    expect(&service.ask(&note(64 - 10)), 413, "too_large");
    let many = |count| get("/notes").replace("Host", &format!("{}Host", "A: b\r\n".repeat(count)));
    expect(&service.ask(&many(6)), 200, "");
    expect(&service.ask(&many(7)), 431, "");
    let long =
        |length| get("/notes").replace("Host", &format!("A: {}\r\nHost", "b".repeat(length)));
    expect(&service.ask(&long(7000)), 200, "");
    expect(&service.ask(&long(9000)), 431, "");
}

#[test]
fn where_a_body_ends_is_no_matter_of_opinion() {
    let service = Running::start(&[]);
    let smuggled = get("/health/live");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let length = "Content-Length: 4\r\n";
    for (headers, status) in [
        (format!("{length}{chunked}"), 411),
        (format!("{chunked}{length}"), 411),
        (chunked.into(), 411),
        ("Transfer-Encoding: chunked, identity\r\n".into(), 400),
        (format!("{length}Content-Length: 5\r\n"), 400),
        ("Content-Length: +4\r\n".into(), 400),
        (" Content-Length: 4\r\n".into(), 400),
        ("Content-Length : 4\r\n".into(), 400),
    ] {
        let request = format!(
            "POST /notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n{headers}\r\n0\r\n\r\n{smuggled}"
        );
        let answer = service.ask(&request);
        expect(&answer, status, "");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "{headers}\n{answer}"
        );
    }
}

#[test]
fn what_is_slow_is_cut_off() {
    let service = Running::start(&[
        ("LIMITS_HANDSHAKE_MS", "300"),
        ("LIMITS_HEADER_MS", "300"),
        ("LIMITS_REQUEST_MS", "300"),
    ]);
    assert_eq!(service.plain().rest(), "", "no handshake");
    let mut headers = service.connect();
    headers.send(b"GET /notes HTTP/1.1\r\nHost:");
    assert_eq!(headers.rest(), "", "half of the headers");
    assert_eq!(service.connect().rest(), "", "no request");
    let mut body = service.connect();
    body.send(awaited().as_bytes());
    body.read_continue();
    body.send(&BODY[..3]);
    expect(&body.rest(), 408, "timeout");
}

#[test]
fn an_old_connection_takes_no_more_requests() {
    let service = Running::start(&[
        ("LIMITS_CONNECTION_MS", "300"),
        ("LIMITS_HEADER_MS", "60000"),
    ]);
    assert_eq!(service.connect().rest(), "");
}

#[test]
fn answers_that_are_not_read_hold_up_nothing() {
    let mut service = Running::start(&[
        ("LIMITS_BODY_BYTES", "32768"),
        ("LIMITS_NOTICE_MS", "1000"),
        ("LIMITS_REQUEST_MS", "500"),
    ]);
    let note = post(&format!("{{\"text\":\"{}\"}}", "\u{1f600}".repeat(4000)));
    for _ in 0..20 {
        expect(&service.ask(&note), 201, "");
    }
    // 100 pages of 20 notes of 16 kB are more than waits in a socket that nobody reads. The notice is the time for it to fill.
    let mut stream = service.connect();
    let request = get("/notes").replace("Connection: close\r\n", "");
    stream.send(request.repeat(100).as_bytes());
    let (code, log) = service.stop();
    assert_eq!(code, Some(0));
    assert!(!log.contains("cut off"), "{log}");
    drop(stream);
}

#[test]
fn one_connection_too_many_is_closed() {
    let service = Running::start(&[
        ("LIMITS_CONNECTIONS", "1"),
        ("LIMITS_HANDSHAKE_MS", "60000"),
    ]);
    let mut first = service.connect();
    first.send(awaited().as_bytes());
    first.read_continue();
    assert_eq!(service.plain().rest(), "");
    first.send(BODY);
    first.send(get("/health/live").as_bytes());
    expect(&first.rest(), 201, "HTTP/1.1 204 ");
}

#[test]
fn one_request_too_many_is_told_to_come_back() {
    let service = Running::start(&[("LIMITS_REQUESTS", "1")]);
    let mut first = service.connect();
    first.send(awaited().as_bytes());
    first.read_continue();
    expect(&service.ask(&get("/notes")), 503, "retry-after: 1\r\n");
    expect(&service.ask(&get("/health/live")), 204, "");
    drop(first);
}

#[test]
fn what_is_not_tls_is_given_no_answer() {
    let service = Running::start(&[]);
    let mut plain = service.plain();
    plain.send(get("/notes").as_bytes());
    let answer = plain.rest();
    assert!(!answer.contains("HTTP"), "{answer}");
}

#[test]
fn a_certificate_that_is_not_trusted_is_noticed_by_the_client() {
    let service = Running::start(&[]);
    let error = service.connect_trusting_another().unwrap_err().to_string();
    assert!(error.contains("invalid peer certificate"), "{error}");
}

#[test]
fn the_log_keeps_secrets_and_its_lines() {
    let mut service = Running::start(&[]);
    expect(&service.ask(&post(r#"{"text":"private-note"}"#)), 201, "");
    expect(
        &service.ask(&post("{\"text\":\"private-note\\u0000\"}")),
        422,
        "",
    );
    expect(&service.ask(&get("/notes/1?limit=private-query")), 200, "");
    let wrong = post("{}").replace(TOKEN, "private-guess");
    expect(&service.ask(&wrong), 401, "");
    let answer = service.ask_bytes(get("/x\u{202e}y\"").as_bytes());
    expect(&answer, 404, "\"code\":\"not_found\"");
    let id = answer
        .split("x-request-id: ")
        .nth(1)
        .unwrap()
        .split('\r')
        .next()
        .unwrap();
    let (code, log) = service.stop();
    assert_eq!(code, Some(0));
    for secret in [TOKEN, "private", "\u{202e}"] {
        assert!(!log.contains(secret), "{secret}\n{log}");
    }
    let mut lines = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let line = lines.rfind(|line| line["span"]["id"] == id).unwrap();
    assert_eq!(line["fields"]["path"], r#"/x\u{202e}y\""#);
    assert_eq!(line["fields"]["status"], 404);
}

#[test]
fn a_request_that_is_there_ends_before_the_service_does() {
    let mut service = Running::start(&[("LIMITS_NOTICE_MS", "300")]);
    let mut stream = service.connect();
    stream.send(awaited().as_bytes());
    stream.read_continue();
    service.terminate();
    service.wait_for("stopping");
    expect(
        &service.ask(&get("/health/ready")),
        503,
        "retry-after: 1\r\n",
    );
    while service.is_listening() {
        std::thread::yield_now();
    }
    stream.send(BODY);
    expect(&stream.rest(), 201, "connection: close\r\n");
    assert_eq!(service.stop().0, Some(0));
}

#[test]
fn what_does_not_end_is_cut_off_when_the_service_ends() {
    let mut service = Running::start(&[("LIMITS_NOTICE_MS", "1"), ("LIMITS_SHUTDOWN_MS", "300")]);
    let mut stream = service.connect();
    stream.send(awaited().as_bytes());
    stream.read_continue();
    let (code, log) = service.stop();
    assert_eq!(code, Some(0));
    assert!(log.contains("connections are cut off"), "{log}");
    assert_eq!(stream.rest(), "");
}

#[test]
fn what_is_wrong_with_the_configuration_is_told_without_the_secret() {
    let (code, log) = Running::refused(&[("TOKEN", "short-secret")]);
    assert_eq!(code, Some(1));
    assert!(
        log.contains("openssl rand -hex 32") && !log.contains("short-secret"),
        "{log}"
    );
}
