//! A Debian package as apt's signed index describes it, with the SHA-256 that apt checks after each download.

use std::collections::BTreeMap;

use thiserror::Error;

/// Why an index is not used.
#[derive(Debug, Error)]
pub enum IndexError {
    /// A paragraph lacks a field: it does not come from an archive's index.
    #[error("apt's index: the package {package} has no {field}: run `apt-get update`")]
    NoField {
        package: String,
        field: &'static str,
    },
    /// A checksum that is none.
    #[error("apt's index: the package {package} has {found:?} for its SHA-256")]
    NoChecksum { package: String, found: String },
}

/// One package of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// `amd64` or `all`.
    pub architecture: String,
    /// Of its `.deb`, hexadecimal.
    pub sha256: String,
    /// Who maintains it, as Debian writes it.
    pub maintainer: String,
    /// What it needs: of each inner list one (Debian Policy 7.1, `Depends` and `Pre-Depends`).
    pub needs: Vec<Vec<String>>,
    /// The names that it stands in for (`Provides`).
    pub provides: Vec<String>,
}

/// Packages by name.
pub type Packages = BTreeMap<String, Package>;

/// The packages of `apt-cache show`. Where one comes twice, the first counts: apt prints what it would take first.
///
/// # Errors
/// [`IndexError`] names the package and what is wrong.
pub fn parse(index: &str) -> Result<Packages, IndexError> {
    let mut found = Packages::new();
    for paragraph in index.split("\n\n").filter(|text| !text.trim().is_empty()) {
        let package = one(paragraph)?;
        found.entry(package.name.clone()).or_insert(package);
    }
    Ok(found)
}

fn one(paragraph: &str) -> Result<Package, IndexError> {
    let name = field(paragraph, "Package").unwrap_or_default();
    let get = |key: &'static str| {
        field(paragraph, key).ok_or_else(|| IndexError::NoField {
            package: name.clone(),
            field: key,
        })
    };
    let sha256 = get("SHA256")?;
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(IndexError::NoChecksum {
            package: name,
            found: sha256,
        });
    }
    let relations = |key| field(paragraph, key).map_or_else(Vec::new, |text| alternatives(&text));
    Ok(Package {
        version: get("Version")?,
        architecture: get("Architecture")?,
        maintainer: get("Maintainer")?,
        sha256,
        needs: [relations("Pre-Depends"), relations("Depends")].concat(),
        provides: relations("Provides").concat(),
        name,
    })
}

fn field(paragraph: &str, name: &str) -> Option<String> {
    let mut values = paragraph
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    values.next().map(|value| value.trim().to_owned())
}

/// `a (>= 1), b:any | c` as names: `[[a], [b, c]]`.
fn alternatives(relations: &str) -> Vec<Vec<String>> {
    let name = |one: &str| {
        let word = one.split_whitespace().next().unwrap_or_default();
        word.split(':').next().unwrap_or_default().to_owned()
    };
    relations
        .split(',')
        .map(|relation| relation.split('|').map(name).collect())
        .collect()
}

/// Who of these packages needs which other of them.
pub fn edges(packages: &Packages) -> impl Iterator<Item = (&Package, &Package)> {
    let provider = move |name: &String| {
        packages.get(name).or_else(|| {
            packages
                .values()
                .find(|package| package.provides.contains(name))
        })
    };
    packages.values().flat_map(move |package| {
        let first = move |one: &Vec<String>| one.iter().find_map(provider);
        package
            .needs
            .iter()
            .filter_map(first)
            .map(move |needed| (package, needed))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn paragraph(name: &str, version: &str, more: &str) -> String {
        format!(
            "Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: Somebody <a@b.example>\n{more}\
             Description: a text\n of two lines\nSHA256: {}\n\n",
            "0123456789abcdef".repeat(4)
        )
    }

    #[test]
    fn a_package_is_read_with_what_it_needs() {
        let more = "Pre-Depends: libc6 (>= 2.36)\nDepends: default-dbus | dbus:any, gone\nProvides: x (= 1)\n";
        let text = paragraph("rauc", "1.8-2", more);
        let package = &parse(&text).unwrap()["rauc"];
        assert_eq!(package.version, "1.8-2");
        assert_eq!(package.sha256.len(), 64);
        let needs: Vec<_> = package.needs.iter().map(|one| one.join("|")).collect();
        assert_eq!(needs, ["libc6", "default-dbus|dbus", "gone"]);
        assert_eq!(package.provides, ["x"]);
    }

    #[test]
    fn the_first_of_two_versions_counts() {
        let both = paragraph("a", "2", "") + &paragraph("a", "1", "");
        assert_eq!(parse(&both).unwrap()["a"].version, "2");
    }

    #[test]
    fn a_package_without_its_checksum_is_refused() {
        let local = paragraph("own", "1", "").replace("SHA256", "MD5sum");
        let error = parse(&local).unwrap_err().to_string();
        assert!(error.contains("own has no SHA256"), "{error}");
        let cut = paragraph("own", "1", "").replace("0123456789abcdef0123", "0123");
        assert!(parse(&cut).is_err());
    }

    #[test]
    fn edges_go_to_what_is_there_or_stands_in_for_it() {
        let index = paragraph("a", "1", "Depends: b | c, virtual, missing\n")
            + &paragraph("c", "1", "")
            + &paragraph("d", "1", "Provides: virtual\n");
        let packages = parse(&index).unwrap();
        let found: Vec<_> = edges(&packages)
            .map(|(from, to)| (&*from.name, &*to.name))
            .collect();
        assert_eq!(found, [("a", "c"), ("a", "d")]);
    }
}
