//! What the image is made of: Debian's packages, our programs with their crates, the product's data.

use std::path::Path;

use thiserror::Error;

use crate::file::{FileError, at};
use crate::manifest::sha256_of;
use crate::package::Packages;
use crate::recipe::Image;
use crate::sbom::crates::{self, CratesError, Program};
use crate::sbom::{Bill, Component, Kind, debian};

/// Why there is no bill of materials.
#[derive(Debug, Error)]
#[error(transparent)]
#[expect(missing_docs, reason = "each says itself what it is about")]
pub enum BillError {
    Crates(#[from] CratesError),
    File(#[from] FileError),
}

/// A program of ours in the image.
struct Own {
    name: &'static str,
    licence: &'static str,
    program: Program<'static>,
}

/// How `make image` builds them.
const OWN: [Own; 2] = [
    Own {
        name: "kiosk",
        // With Slint inside; LICENSE.md.
        licence: "GPL-3.0-only",
        program: Program {
            package: "kiosk",
            features: &["--no-default-features", "--features", "kms"],
        },
    },
    Own {
        name: "kiosk-health",
        licence: "MIT OR Apache-2.0",
        program: Program {
            package: "firmware-image",
            features: &[],
        },
    },
];

/// Where the parts of an image lie that are not Debian's.
pub struct Parts<'a> {
    /// The factory disk, written.
    pub disk: &'a Path,
    /// Folder with our programs as they went into the image.
    pub programs: &'a Path,
    /// Postal code table.
    pub postal_codes: &'a Path,
    /// Where cargo knows our programs.
    pub workspace: &'a Path,
    /// The image's version.
    pub version: &'a str,
}

/// The bill of an image.
///
/// # Errors
/// [`BillError`].
pub fn of(parts: &Parts<'_>, image: &Image, taken: &Packages) -> Result<Bill, BillError> {
    let own = |kind, name: &str, licence: Option<&str>, file: &Path| {
        Ok::<_, FileError>(Component {
            kind,
            name: name.to_owned(),
            version: parts.version.to_owned(),
            purl: None,
            licence: licence.map(str::to_owned),
            supplier: None,
            sha256: sha256_of(file).map_err(at(file))?,
        })
    };
    let licence = Some("GPL-3.0-only");
    let mut bill = Bill::of(own(Kind::Firmware, &image.compatible, licence, parts.disk)?);
    debian::add(&mut bill, taken);
    if image.bare {
        return Ok(bill);
    }
    let whole = bill.whole();
    for one in OWN {
        let file = parts.programs.join(one.name);
        let part = own(Kind::Application, one.name, Some(one.licence), &file)?;
        let reference = part.reference();
        bill.add(part, &whole);
        crates::add(&mut bill, &reference, &one.program, parts.workspace)?;
    }
    let codes = own(Kind::Data, "postal.tsv", None, parts.postal_codes)?;
    bill.add(codes, &whole);
    Ok(bill)
}
