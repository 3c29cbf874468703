//! What users rely on: a change that breaks a test here is a breaking change.

use std::collections::BTreeMap;
use std::error::Error;

use acme_widget::{InvalidSlug, Slug};

#[test]
fn every_way_in_checks_the_same() {
    for name in ["", "ok", "-", "No", "a b", "ünder"] {
        let new = Slug::new(name);
        assert_eq!(name.parse(), new, "{name:?}");
        assert_eq!(Slug::try_from(name.to_owned()), new, "{name:?}");
    }
}

#[test]
fn what_is_written_can_be_read_again() -> Result<(), InvalidSlug> {
    let slug = Slug::new("blue-7")?;
    assert_eq!(slug.to_string().parse(), Ok(slug.clone()));
    assert_eq!(format!("{slug:>8}"), "  blue-7");
    Ok(())
}

#[test]
fn slugs_are_keys_in_the_order_of_their_text() -> Result<(), InvalidSlug> {
    let map = BTreeMap::from([(Slug::new("b")?, 2), (Slug::new("a-1")?, 1)]);
    let keys: Vec<_> = map.keys().map(Slug::as_str).collect();
    assert_eq!(keys, ["a-1", "b"]);
    Ok(())
}

#[test]
fn errors_and_slugs_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    fn is_error<T: Error>() {}
    crosses::<Slug>();
    crosses::<InvalidSlug>();
    is_error::<InvalidSlug>();
}
