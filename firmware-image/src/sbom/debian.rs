//! Debian packages in the bill of materials.

use crate::package::{self, Package, Packages};
use crate::sbom::{Bill, Component, Kind};

/// Every package as a part of the whole, and which of them needs which.
pub fn add(bill: &mut Bill, packages: &Packages) {
    let whole = bill.whole();
    for package in packages.values() {
        bill.add(component(package), &whole);
    }
    for (from, to) in package::edges(packages) {
        bill.need(&purl(from), &purl(to));
    }
}

fn component(package: &Package) -> Component {
    Component {
        kind: Kind::Library,
        name: package.name.clone(),
        version: package.version.clone(),
        purl: Some(purl(package)),
        licence: None,
        supplier: Some(package.maintainer.clone()),
        sha256: package.sha256.clone(),
    }
}

/// The package URL (purl-spec, type `deb`).
fn purl(package: &Package) -> String {
    let version = package
        .version
        .replace('%', "%25")
        .replace('+', "%2B")
        .replace(':', "%3A");
    format!(
        "pkg:deb/debian/{}@{version}?arch={}",
        package.name.replace('+', "%2B"),
        package.architecture
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{parse, tests::paragraph};
    use crate::sbom::tests::{complete, component as whole};

    #[test]
    fn packages_stand_in_the_bill_with_what_they_need() {
        let index = paragraph("rauc", "1.8-2", "Depends: libstdc++6\n")
            + &paragraph("libstdc++6", "12.2.0-14+deb12u1", "");
        let mut bill = Bill::of(whole("image", None));
        add(&mut bill, &parse(&index).unwrap());
        let document = bill.document(0);
        complete(&document);
        let needed = "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64";
        let rauc = &document["dependencies"][2];
        assert_eq!(rauc["ref"], "pkg:deb/debian/rauc@1.8-2?arch=amd64");
        assert_eq!(rauc["dependsOn"][0], needed);
    }
}
