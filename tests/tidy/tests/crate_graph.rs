//! The arrows of ARCHITECTURE.md are the only ones between packages.

use std::collections::BTreeSet;

/// Who may depend on whom, exactly as ARCHITECTURE.md draws it.
const ALLOWED: &[(&str, &[&str])] = &[
    ("guidance", &[]),
    ("application", &["guidance"]),
    ("paper", &["application", "guidance"]),
    ("kiosk-api", &["application", "guidance"]),
    ("card-face", &[]),
    ("session", &["application", "guidance"]),
    ("devices", &["card-face"]),
    ("ui", &["session", "application", "guidance"]),
    (
        "kiosk",
        &[
            "application",
            "card-face",
            "devices",
            "guidance",
            "kiosk-api",
            "paper",
            "session",
            "ui",
        ],
    ),
    (
        "cloud-api",
        &[
            "application",
            "card-face",
            "cloud-store",
            "guidance",
            "kiosk-api",
            "paper",
        ],
    ),
    ("cloud-store", &["guidance", "kiosk-api"]),
    (
        "demo-town",
        &["application", "devices", "guidance", "kiosk-api"],
    ),
    ("firmware-image", &[]),
    ("tests", &[]),
    ("tidy", &[]),
];

#[test]
fn only_the_drawn_arrows_exist() {
    let packages = tidy::packages();
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    let drawn: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, drawn, "every package has its place in the drawing");

    for (name, allowed) in ALLOWED {
        let undrawn: Vec<_> = packages[*name]
            .depends_on
            .iter()
            .filter(|target| ours.contains(target.as_str()) && !allowed.contains(&target.as_str()))
            .collect();
        assert!(undrawn.is_empty(), "{name} → {undrawn:?} is not drawn");
    }
}

#[test]
fn slint_stays_out_of_the_free_side() {
    // LICENSE.md: what contains Slint is conveyed under the GPL.
    let packages = tidy::packages();
    for name in [
        "guidance",
        "application",
        "paper",
        "kiosk-api",
        "card-face",
        "session",
        "devices",
        "cloud-api",
        "cloud-store",
        "demo-town",
    ] {
        let slint: Vec<_> = packages[name]
            .depends_on
            .iter()
            .filter(|d| d.contains("slint"))
            .collect();
        assert!(slint.is_empty(), "{name} depends on {slint:?}");
    }
}

#[test]
fn no_dumping_grounds() {
    const DUMPS: [&str; 7] = [
        "util", "utils", "common", "helpers", "types", "manager", "misc",
    ];
    let mut seen = 0;
    for package in tidy::packages().values() {
        for (path, _) in tidy::sources(&package.folder.join("src")) {
            seen += 1;
            let dump = path
                .iter()
                .filter_map(|part| part.to_str())
                .find(|part| DUMPS.contains(&part.trim_end_matches(".rs")));
            assert!(dump.is_none(), "{}: {dump:?} says nothing", path.display());
        }
    }
    assert!(seen > 30, "only {seen} source files were looked at");
}
