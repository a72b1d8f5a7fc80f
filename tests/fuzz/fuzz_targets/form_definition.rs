//! A form's file as an editor may leave it: refused with file and line, or a form with its fields.
#![no_main]

use application::FormSet;
use libfuzzer_sys::fuzz_target;

const SHIPPED: &[(&str, &str)] = &[
    ("eras.toml", include_str!("../../../assets/forms/eras.toml")),
    ("fields.toml", include_str!("../../../assets/forms/fields.toml")),
    ("vocabulary.toml", include_str!("../../../assets/forms/vocabulary.toml")),
];

fuzz_target!(|text: &str| {
    let files = SHIPPED.iter().copied().chain([("form.toml", text)]);
    match FormSet::from_files(files) {
        Ok(set) => assert_eq!(set.forms().count(), 1),
        Err(error) => assert!(error.file == "form.toml" && error.line >= 1, "{error}"),
    }
});
