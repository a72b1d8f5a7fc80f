//! The never rules of ARCHITECTURE.md that can be checked by reading the source.

use std::path::Path;

/// What I/O, waiting, clocks, dice and environment look like in Rust.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "tokio::",
    "getrandom",
    "thread_rng",
    "rand::rng",
    "OsRng",
    "new_v4()",
    "now_v7()",
    "reqwest",
    "env::var",
    "File::open",
];

/// `paper` may read its fonts, and only there.
const FONT_FILES: &str = "paper/src/fonts.rs";

fn impure_lines(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tidy::sources(folder) {
        if path.to_string_lossy().ends_with(FONT_FILES) {
            continue;
        }
        for line in tidy::shipped(&text).lines() {
            if let Some(word) = IMPURE.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}: {word}: {}", path.display(), line.trim()));
            }
        }
    }
    found
}

#[test]
fn shared_and_session_are_pure() {
    let root = tidy::root();
    for folder in [
        "shared/guidance",
        "shared/application",
        "shared/paper",
        "shared/kiosk-api",
        "shared/card-face",
        "kiosk/session",
    ] {
        let found = impure_lines(&root.join(folder).join("src"));
        assert!(
            found.is_empty(),
            "{folder} must be pure:\n{}",
            found.join("\n")
        );
    }
}

/// No line that ships from `folder` has one of the `words`.
fn says_none_of(folder: &str, words: &[&str]) {
    let mut seen = 0;
    for (path, text) in tidy::sources(&tidy::root().join(folder)) {
        for line in tidy::shipped(&text).lines() {
            seen += 1;
            let word = words.iter().find(|word| line.contains(**word));
            assert!(
                word.is_none(),
                "{}: {word:?} in {}",
                path.display(),
                line.trim()
            );
        }
    }
    assert!(seen > 1000, "only {seen} lines were looked at");
}

#[test]
fn session_names_no_device_window_or_url() {
    const WORLD: &[&str] = &[
        "http:", "https:", "Url", "pcsc", "escpos", "ipp::", "slint", "Window", "socket", "sled",
        "rppal",
    ];
    says_none_of("kiosk/session/src", WORLD);
}

#[test]
fn devices_know_no_resident() {
    const PEOPLE: &[&str] = &[
        "Resident",
        "Household",
        "Applicant",
        "guidance::",
        "application::",
        "session::",
    ];
    says_none_of("kiosk/devices/src", PEOPLE);
}

#[test]
fn no_time_zone_is_looked_up() {
    // On a host without time-zone data a look-up fails; `guidance::date_in_japan` needs none.
    const LOOK_UPS: &[&str] = &["in_tz(", "TimeZone::get", "TimeZone::system", "Zoned::now"];
    for package in tidy::packages().values() {
        for (path, text) in tidy::sources(&package.folder.join("src")) {
            let shipped = tidy::shipped(&text);
            let word = LOOK_UPS.iter().find(|word| shipped.contains(**word));
            assert!(word.is_none(), "{}: {word:?}", path.display());
        }
    }
}

#[test]
fn tests_wait_for_things_and_not_for_time() {
    let mut seen = 0;
    for package in tidy::packages().values() {
        for folder in ["tests", "src"] {
            let folder = package.folder.join(folder);
            if !folder.is_dir() {
                continue;
            }
            for (path, text) in tidy::sources(&folder) {
                seen += 1;
                let ours = path.ends_with("tests/tidy/tests/never.rs");
                let sleeps = text.contains("thread::sleep(") || text.contains("time::sleep(");
                let in_test = path.components().any(|part| part.as_os_str() == "tests");
                assert!(ours || !(in_test && sleeps), "{} sleeps", path.display());
            }
        }
    }
    assert!(seen > 30, "only {seen} files were looked at");
}

#[test]
fn nothing_listens_beyond_loopback() {
    // Tests may name every interface to see it refused; programs never do.
    for package in tidy::packages().values() {
        for (path, text) in tidy::sources(&package.folder.join("src")) {
            let named = tidy::shipped(&text).contains("0.0.0.0");
            assert!(!named, "{} names every interface", path.display());
        }
    }
}
