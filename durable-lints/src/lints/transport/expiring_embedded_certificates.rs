use crate::prelude::*;

declare_lint! {
    /// A certificate shipped with the program expires soon or has, and connections stop on that day.
    ///
    /// The end of a certificate's validity is a date at which every deployed build fails at once. Where
    /// the certificate is compiled in, only a release that everybody installs ends the outage, and
    /// the way out that people find under pressure is to turn the verification off.
    ///
    /// ```pem,bad certs/api.pem
    /// -----BEGIN CERTIFICATE-----
    /// MIIBTTCB9aADAgECAgEBMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD2FwaS5leGFt
    /// cGxlLm5ldDAeFw0yNTEyMDEwMDAwMDBaFw0yNjEyMzEwMDAwMDBaMBoxGDAWBgNV
    /// BAMMD2FwaS5leGFtcGxlLm5ldDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPo0
    /// 6iLpUddtrahwYRIhOK3mSU2GPJU/nSBIUQP1tZpyO21Y1JmWeo0Bg1pItwtczW1a
    /// tYPZA/ZksaWdP1KfYzGjLDAqMAkGA1UdEwQCMAAwHQYDVR0OBBYEFMqWLjLtzq3k
    /// UGi/+Naeqic5PE/mMAoGCCqGSM49BAMCA0cAMEQCIHLCXbrIjzkFTudBS5xcYw81
    /// Yl5+AVVsqGwlm0PKUQJpAiBvhzTfRuOQt4SYlO8S11dyFMkuGmS1tPaRne4KYHnL
    /// 5w==
    /// -----END CERTIFICATE-----
    /// ```
    ///
    /// ```pem,good certs/api.pem
    /// -----BEGIN CERTIFICATE-----
    /// MIIBTzCB9aADAgECAgEBMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD2FwaS5leGFt
    /// cGxlLm5ldDAeFw0yNjAxMDEwMDAwMDBaFw0zMTAxMDEwMDAwMDBaMBoxGDAWBgNV
    /// BAMMD2FwaS5leGFtcGxlLm5ldDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPo0
    /// 6iLpUddtrahwYRIhOK3mSU2GPJU/nSBIUQP1tZpyO21Y1JmWeo0Bg1pItwtczW1a
    /// tYPZA/ZksaWdP1KfYzGjLDAqMAkGA1UdEwQCMAAwHQYDVR0OBBYEFMqWLjLtzq3k
    /// UGi/+Naeqic5PE/mMAoGCCqGSM49BAMCA0kAMEYCIQC2bBRr85iXAvtG2o3EqlbL
    /// bv1zN+ml024Dw171B7sUgQIhANd7iDrSot9qI+PUF3DLRXgY4gYNMDhejV+IpuTy
    /// uidJ
    /// -----END CERTIFICATE-----
    /// ```
    ///
    /// ## What to do
    /// Renew the certificate now, and read it when the program starts, from configuration or the
    /// system's trust store, so that the next renewal needs no release.
    ///
    /// ## Known limits
    /// The window is 90 days. Certificates among tests, fixtures and examples are left out, and so are
    /// files that no source embeds and that expired before the window. Keys and
    /// signing requests have no end of validity.
    pub static LINT = {
        severity: Severity::High,
        cwe: &[298, 324],
        check: Check::Certificate(check),
    }
}

/// How many days before its end a certificate is reported: a release and its rollout take that long.
const WINDOW_DAYS: i64 = 90;

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

fn check(certificate: &Certificate, findings: &mut Findings) {
    if certificate.test || is_test_file(&certificate.path) {
        return;
    }
    let left = days(certificate.now, certificate.not_after);
    let early = certificate.now < certificate.not_before;
    if left >= WINDOW_DAYS && !early {
        return;
    }
    // A file that nothing embeds and that expired long ago is a sample, or nobody's.
    if !certificate.embedded && (left < -WINDOW_DAYS || certificate.subject.ends_with("CN=localhost")) {
        return;
    }
    let kept = if certificate.embedded { "embedded certificate" } else { "certificate" };
    let what = format!("{kept} `{}`", certificate.subject);
    let message = if certificate.not_after <= certificate.now {
        format!("{what} expired on {}", date(certificate.not_after))
    } else if early {
        format!("{what} is not valid before {}", date(certificate.not_before))
    } else {
        format!("{what} expires on {}", date(certificate.not_after))
    };
    // The dates change with every renewal that comes too late; the certificate's place does not.
    let source = certificate.embedded_from.as_deref().unwrap_or(&certificate.path);
    let finding = findings.at(certificate.span, message);
    finding.identified_by(format!("{source} {}", certificate.subject));
    if let Some(from) = &certificate.embedded_from {
        finding.primary(format!("from `{from}`"));
    }
    finding.help("renew it, and read it when the program starts, so that a renewal needs no release");
}

/// Whether a file's own name says that it is for tests.
fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    let mut words = stem.split(['_', '-']);
    words.any(|word| {
        matches!(
            word,
            "test"
                | "tests"
                | "testing"
                | "testutil"
                | "testutils"
                | "mock"
                | "mocks"
                | "fixture"
                | "fixtures"
        )
    })
}

/// Whole days from one moment to another, downwards.
fn days(from: jiff::Timestamp, to: jiff::Timestamp) -> i64 {
    (to.as_second() - from.as_second()).div_euclid(SECONDS_PER_DAY)
}

/// The day of a moment, in UTC as certificates count.
fn date(at: jiff::Timestamp) -> String {
    at.to_string().split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::LINT;

    const SOON: &str = "-----BEGIN CERTIFICATE-----
MIIBTTCB9aADAgECAgEBMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD2FwaS5leGFt
cGxlLm5ldDAeFw0yNTEyMDEwMDAwMDBaFw0yNjEyMzEwMDAwMDBaMBoxGDAWBgNV
BAMMD2FwaS5leGFtcGxlLm5ldDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPo0
6iLpUddtrahwYRIhOK3mSU2GPJU/nSBIUQP1tZpyO21Y1JmWeo0Bg1pItwtczW1a
tYPZA/ZksaWdP1KfYzGjLDAqMAkGA1UdEwQCMAAwHQYDVR0OBBYEFMqWLjLtzq3k
UGi/+Naeqic5PE/mMAoGCCqGSM49BAMCA0cAMEQCIHLCXbrIjzkFTudBS5xcYw81
Yl5+AVVsqGwlm0PKUQJpAiBvhzTfRuOQt4SYlO8S11dyFMkuGmS1tPaRne4KYHnL
5w==
-----END CERTIFICATE-----
";

    const OVER: &str = "-----BEGIN CERTIFICATE-----
MIIBTjCB9aADAgECAgEBMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD29sZC5leGFt
cGxlLm5ldDAeFw0yNDAxMDEwMDAwMDBaFw0yNTAzMDEwMDAwMDBaMBoxGDAWBgNV
BAMMD29sZC5leGFtcGxlLm5ldDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPo0
6iLpUddtrahwYRIhOK3mSU2GPJU/nSBIUQP1tZpyO21Y1JmWeo0Bg1pItwtczW1a
tYPZA/ZksaWdP1KfYzGjLDAqMAkGA1UdEwQCMAAwHQYDVR0OBBYEFMqWLjLtzq3k
UGi/+Naeqic5PE/mMAoGCCqGSM49BAMCA0gAMEUCIF+BtfNugChOwBR4k0eB5WBv
XeKhSda9OKHfp0LT9ASlAiEAxlDhW0C76+Rt7cxQcm60HiZ0wI3NU664l1zEl9uL
CvU=
-----END CERTIFICATE-----
";

    #[test]
    fn other_ways_to_ship_it_and_look_alikes() {
        let embedded =
            format!("//- src/lib.rs\nconst CA: &[u8] = include_bytes!(\"ca.crt\");\n//- src/ca.crt\n{OVER}");
        let in_text = format!("//- src/lib.rs\nconst CA: &str = \"{SOON}\";\n");
        let in_raw_text = format!("//- src/lib.rs\nconst CA: &str = r#\"\n{SOON}\"#;\n");
        let in_bytes = format!("//- src/lib.rs\nfn ca() -> &'static [u8] {{ b\"{OVER}\" }}\n");
        let in_test = format!("//- src/lib.rs\n#[cfg(test)] mod t {{ const CA: &str = \"{SOON}\"; }}\n");
        let bundle = format!("//- deploy/bundle.pem\n{OVER}{SOON}");
        let sample = format!("//- assets/old.pem\n{OVER}");
        let helper = format!("//- src/testutil.rs\nconst CA: &str = \"{SOON}\";\n");
        let fixture = format!("//- tests/fixtures/server.pem\n{OVER}");
        let example = format!("//- examples/server.pem\n{OVER}");
        LINT.sees_in_file(
            &[&embedded, &in_text, &in_raw_text, &in_bytes, &bundle],
            &[
                &in_test,
                &fixture,
                &example,
                &sample,
                &helper,
                "//- src/key.pem\n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
                "//- src/lib.rs\nconst BEGIN: &str = \"-----BEGIN CERTIFICATE-----\";\n",
            ],
        );
    }

    #[test]
    fn says_which_and_when() {
        let found = crate::fixture::found(
            &LINT,
            &format!("//- deploy/bundle.pem\n{SOON}//- src/lib.rs\nconst OLD: &str = \"{OVER}\";"),
        );
        assert_eq!(
            found,
            "1:1 certificate `CN=api.example.net` expires on 2026-12-31\n\
             1:20 embedded certificate `CN=old.example.net` expired on 2025-03-01"
        );
    }
}
