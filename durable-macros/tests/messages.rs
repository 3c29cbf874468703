//! Each message as its user sees it. `TRYBUILD=overwrite` writes them anew; read them then.

use std::fs;
use std::path::Path;

#[test]
fn each_message_is_at_its_place_and_says_what_to_write() {
    // trybuild's package, so that owners are known in it.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/cargo-durable-macros");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("durable.toml"), "[owners.identity]\n[owners.platform]\n").expect("a policy");
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
