//! A catalogue's file as an editor may leave it: refused with file and line, or loaded and usable.
#![no_main]

use guidance::{Catalogue, Facts};
use libfuzzer_sys::fuzz_target;

const SHIPPED: &[(&str, &str)] = &[
    ("counters.toml", include_str!("../../../assets/catalogue/counters.toml")),
    ("edition.toml", include_str!("../../../assets/catalogue/edition.toml")),
    ("events.toml", include_str!("../../../assets/catalogue/events.toml")),
    ("holidays.csv", include_str!("../../../assets/catalogue/holidays.csv")),
    ("items.toml", include_str!("../../../assets/catalogue/items.toml")),
    ("parameters.toml", include_str!("../../../assets/catalogue/parameters.toml")),
    ("questions.toml", include_str!("../../../assets/catalogue/questions.toml")),
];
const FAMILY: &str = include_str!("../../benches/figures/family.json");

fuzz_target!(|text: &str| {
    let files = SHIPPED.iter().copied().chain([("procedures.toml", text)]);
    if let Ok(catalogue) = Catalogue::from_files(files) {
        let _ = catalogue.plan(&Facts::from_json(FAMILY).unwrap());
    }
});
