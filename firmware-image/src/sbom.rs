//! The bill of materials: every Debian package and every Rust crate in the image, as CycloneDX 1.5.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::recipe::Image;

/// A part of somebody else's.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug, Clone)]
pub struct Component {
    pub name: String,
    pub version: String,
    /// Its package URL (purl).
    pub purl: String,
    /// Its licence as an SPDX expression, where its index says so.
    pub licence: Option<String>,
}

/// The installed packages of a dpkg status file.
#[must_use]
pub fn debian(status: &str) -> BTreeSet<Component> {
    let field = |paragraph: &str, name: &str| {
        let head = format!("{name}: ");
        paragraph
            .lines()
            .find_map(|line| line.strip_prefix(&head))
            .map(str::to_owned)
    };
    let installed = status
        .split("\n\n")
        .filter(|paragraph| paragraph.contains("\nStatus: install ok installed"));
    installed
        .filter_map(|paragraph| {
            let architecture = field(paragraph, "Architecture")?;
            Some(deb(
                &field(paragraph, "Package")?,
                &field(paragraph, "Version")?,
                &architecture,
            ))
        })
        .collect()
}

/// One Debian package.
#[must_use]
pub fn deb(name: &str, version: &str, architecture: &str) -> Component {
    let escaped = version
        .replace('%', "%25")
        .replace('+', "%2B")
        .replace(':', "%3A");
    Component {
        name: name.to_owned(),
        version: version.to_owned(),
        purl: format!("pkg:deb/debian/{name}@{escaped}?arch={architecture}"),
        licence: None,
    }
}

/// The crates of `cargo tree --prefix none --format "{p}|{l}"`; ours (with a path) are left to the image itself.
#[must_use]
pub fn crates(tree: &str) -> BTreeSet<Component> {
    let read = |line: &str| {
        let (package, licence) = line.split_once('|')?;
        let mut words = package.split_whitespace();
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        if package.contains("(/") {
            return None;
        }
        let licence = licence.trim_end_matches("(*)").trim();
        Some(Component {
            name: name.to_owned(),
            version: version.to_owned(),
            purl: format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")),
            licence: (!licence.is_empty()).then(|| licence.replace('/', " OR ")),
        })
    };
    tree.lines().filter_map(read).collect()
}

#[must_use]
pub fn document(image: &Image, version: &str, components: &BTreeSet<Component>) -> Value {
    let part = |component: &Component| {
        let mut part = json!({
            "type": "library",
            "bom-ref": component.purl,
            "name": component.name,
            "version": component.version,
            "purl": component.purl,
        });
        if let Some(licence) = &component.licence {
            part["licenses"] = json!([{ "expression": licence }]);
        }
        part
    };
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "firmware",
                "bom-ref": "image",
                "name": image.compatible,
                "version": version,
                "licenses": [{ "expression": "GPL-3.0-only" }],
            },
        },
        "components": components.iter().map(part).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_packages_only() {
        let status = "Package: rauc\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.8-2\n\n\
                      Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n\
                      Package: tzdata\nStatus: install ok installed\nArchitecture: all\nVersion: 2024a+x-0+deb12u1\n";
        let purls: Vec<_> = debian(status).into_iter().map(|part| part.purl).collect();
        assert_eq!(
            purls,
            [
                "pkg:deb/debian/rauc@1.8-2?arch=amd64",
                "pkg:deb/debian/tzdata@2024a%2Bx-0%2Bdeb12u1?arch=all"
            ]
        );
    }

    #[test]
    fn crates_with_their_licence_and_without_our_own() {
        let tree = "kiosk v0.1.0 (/src/kiosk/app)|MIT OR Apache-2.0\nserde v1.0.2|MIT/Apache-2.0\nserde v1.0.2|MIT/Apache-2.0 (*)\nslint v1.18.1|GPL-3.0-only\n";
        let found: Vec<_> = crates(tree)
            .into_iter()
            .map(|part| (part.purl, part.licence))
            .collect();
        assert_eq!(
            found,
            [
                (
                    "pkg:cargo/serde@1.0.2".to_owned(),
                    Some("MIT OR Apache-2.0".to_owned())
                ),
                (
                    "pkg:cargo/slint@1.18.1".to_owned(),
                    Some("GPL-3.0-only".to_owned())
                ),
            ]
        );
    }
}
