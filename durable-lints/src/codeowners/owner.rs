//! What may stand for an owner.

use super::Host;

/// Whether a word is written as a host's users, groups or mail addresses are. Whether there is such a
/// user only the host knows.
pub fn is_owner(host: Host, word: &str) -> bool {
    match (host, word.strip_prefix('@')) {
        (Host::Github, Some(name)) => {
            let (user, team) = name.split_once('/').map_or((name, None), |(org, team)| (org, Some(team)));
            is_name(user, "-_") && team.is_none_or(|team| is_name(team, "-_."))
        }
        // `@@developers` and the like are roles.
        (Host::Gitlab, Some(name)) => {
            name.strip_prefix('@').unwrap_or(name).split('/').all(|part| is_name(part, "-_."))
        }
        (_, None) => is_mail(word),
    }
}

fn is_name(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

fn is_mail(text: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty()
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "@#<>,".contains(c))
    };
    text.split_once('@').is_some_and(|(user, domain)| plain(user) && plain(domain) && domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_what_is_none() {
        for (word, on_github, on_gitlab) in [
            ("@octocat", true, true),
            ("@acme/identity", true, true),
            ("@acme/platform/identity", false, true),
            ("@john.doe", false, true),
            ("@@maintainers", false, true),
            ("a.b@example.com", true, true),
            ("octocat", false, false),
            ("@", false, false),
            ("@acme/", false, false),
            ("a@b", false, false),
            ("#identity", false, false),
            ("@a,@b", false, false),
        ] {
            assert_eq!(is_owner(Host::Github, word), on_github, "GitHub: {word}");
            assert_eq!(is_owner(Host::Gitlab, word), on_gitlab, "GitLab: {word}");
        }
    }
}
