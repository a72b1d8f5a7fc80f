//! A guidance document from anybody: refused with its path, or planned; the facts written out again are the same facts.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use guidance::{Catalogue, Facts};
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalogue");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    });
    Catalogue::from_files(files).unwrap()
});

// Loading takes longer than a document may.
fuzz_target!(init: { LazyLock::force(&CATALOGUE); }, |text: &str| {
    let Ok(facts) = Facts::from_json(text) else {
        return;
    };
    let written = facts.to_json();
    let again = Facts::from_json(&written).expect("what was written is read");
    assert_eq!(again.to_json(), written);
    if CATALOGUE.check(&facts).is_ok() {
        assert_eq!(CATALOGUE.plan(&facts).to_json(), CATALOGUE.plan(&again).to_json());
        let _ = CATALOGUE.questions(&facts);
    }
});
