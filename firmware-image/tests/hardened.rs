//! Each of our services is as locked in as systemd's own scale asks for: 2.0 at most, of 10.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn no_service_has_rights_that_it_does_not_need() {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("units");
    let services = fs::read_dir(units)
        .unwrap()
        .map(|unit| unit.unwrap().path());
    let services: Vec<_> = services
        .filter(|unit| unit.extension().is_some_and(|ending| ending == "service"))
        .collect();
    assert!(services.len() >= 6, "{services:?}");
    for service in services {
        let judged = Command::new("systemd-analyze")
            .args(["security", "--no-pager", "--offline=true", "--threshold=20"])
            .arg(&service)
            .output()
            .unwrap();
        let table = String::from_utf8_lossy(&judged.stdout);
        let weak: Vec<_> = table
            .lines()
            .filter(|line| !line.starts_with('✓'))
            .collect();
        assert!(
            judged.status.success(),
            "{}\n{}\n{}",
            service.display(),
            weak.join("\n"),
            String::from_utf8_lossy(&judged.stderr)
        );
    }
}
