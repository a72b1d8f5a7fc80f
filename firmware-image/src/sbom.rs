//! The bill of materials: what an artefact is made of, each part with its checksum, and what needs what; as CycloneDX 1.5.

pub mod crates;
pub mod debian;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::manifest::sha256;

/// What a part is, in CycloneDX's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Application,
    Data,
    Firmware,
    Library,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Data => "data",
            Self::Firmware => "firmware",
            Self::Library => "library",
        }
    }
}

/// A part, or the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub kind: Kind,
    pub name: String,
    pub version: String,
    /// Its package URL (purl), where it was published as a package.
    pub purl: Option<String>,
    /// Its licence as an SPDX expression, where its index says so.
    pub licence: Option<String>,
    /// Who supplies it, where that is known.
    pub supplier: Option<String>,
    /// Of the file that it came as or is, hexadecimal.
    pub sha256: String,
}

impl Component {
    /// What other parts call it in the bill.
    #[must_use]
    pub fn reference(&self) -> String {
        let own = || format!("genkan:{}@{}", self.name, self.version);
        self.purl.clone().unwrap_or_else(own)
    }

    fn document(&self) -> Value {
        let mut document = json!({
            "type": self.kind.word(),
            "bom-ref": self.reference(),
            "name": self.name,
            "version": self.version,
            "hashes": [{ "alg": "SHA-256", "content": self.sha256 }],
        });
        if let Some(purl) = &self.purl {
            document["purl"] = json!(purl);
        }
        if let Some(licence) = &self.licence {
            document["licenses"] = json!([{ "expression": licence }]);
        }
        if let Some(supplier) = &self.supplier {
            document["supplier"] = json!({ "name": supplier });
        }
        document
    }
}

/// A whole, its parts, and what needs what.
pub struct Bill {
    whole: Component,
    parts: BTreeMap<String, Component>,
    needs: BTreeMap<String, BTreeSet<String>>,
}

impl Bill {
    #[must_use]
    pub fn of(whole: Component) -> Self {
        Self {
            whole,
            parts: BTreeMap::new(),
            needs: BTreeMap::new(),
        }
    }

    /// What the whole is called in the bill.
    #[must_use]
    pub fn whole(&self) -> String {
        self.whole.reference()
    }

    /// A part that another one, or the whole, needs.
    pub fn add(&mut self, part: Component, needed_by: &str) {
        let reference = part.reference();
        self.need(needed_by, &reference);
        self.parts.insert(reference, part);
    }

    /// That one part needs another.
    pub fn need(&mut self, part: &str, other: &str) {
        if part != other {
            let needs = self.needs.entry(part.to_owned()).or_default();
            needs.insert(other.to_owned());
        }
    }

    /// Its parts.
    pub fn parts(&self) -> impl Iterator<Item = &Component> {
        self.parts.values()
    }

    /// The document. `epoch` is the time that it carries, seconds since 1970: the same parts give the same bytes.
    #[must_use]
    pub fn document(&self, epoch: u64) -> Value {
        let components: Vec<_> = self.parts.values().map(Component::document).collect();
        let whole = self.whole();
        let dependencies: Vec<_> = [&whole]
            .into_iter()
            .chain(self.parts.keys())
            .map(|part| json!({ "ref": part, "dependsOn": self.needs.get(part).cloned().unwrap_or_default() }))
            .collect();
        let time = i64::try_from(epoch).unwrap_or_default();
        let time = Timestamp::from_second(time).unwrap_or_default();
        let mut document = json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {
                "timestamp": time.to_string(),
                "tools": { "components": [{
                    "type": "application",
                    "name": env!("CARGO_PKG_NAME"),
                    "version": env!("CARGO_PKG_VERSION"),
                }] },
                "component": self.whole.document(),
            },
            "components": components,
            "dependencies": dependencies,
        });
        document["serialNumber"] = json!(serial_number(&document));
        document
    }
}

/// A UUID of version 8 (RFC 9562) from what the document says.
fn serial_number(document: &Value) -> String {
    let hash = sha256(document.to_string().as_bytes());
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        &hash[..8],
        &hash[8..12],
        &hash[13..16],
        &hash[17..20],
        &hash[20..32]
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn component(name: &str, purl: Option<&str>) -> Component {
        Component {
            kind: Kind::Library,
            name: name.to_owned(),
            version: "1".to_owned(),
            purl: purl.map(str::to_owned),
            licence: Some("MIT".to_owned()),
            supplier: None,
            sha256: sha256(name.as_bytes()),
        }
    }

    fn bill() -> Bill {
        let mut bill = Bill::of(component("image", None));
        let whole = bill.whole();
        bill.add(component("kiosk", None), &whole);
        bill.add(component("a", Some("pkg:cargo/a@1")), "genkan:kiosk@1");
        bill.add(component("b", Some("pkg:cargo/b@1")), "pkg:cargo/a@1");
        bill
    }

    /// What CycloneDX 1.5 demands (bom-1.5.schema.json), and what the bill is for: a checksum for each part, and a graph
    /// that reaches every part from the whole.
    pub(crate) fn complete(document: &Value) {
        assert_eq!(document["bomFormat"], "CycloneDX");
        assert_eq!(document["specVersion"], "1.5");
        assert!(document["version"].as_u64().unwrap() >= 1);
        let serial = document["serialNumber"].as_str().unwrap();
        let groups: Vec<_> = serial["urn:uuid:".len()..]
            .split('-')
            .map(str::len)
            .collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{serial}");
        let time = document["metadata"]["timestamp"].as_str().unwrap();
        time.parse::<Timestamp>().unwrap();
        let whole = &document["metadata"]["component"];
        let parts = document["components"].as_array().unwrap();
        let mut references = BTreeSet::new();
        for part in parts.iter().chain([whole]) {
            for field in ["type", "name", "version", "bom-ref"] {
                let value = part[field].as_str().unwrap_or_default();
                assert!(!value.is_empty(), "{field} of {part}");
            }
            let hash = &part["hashes"][0];
            assert_eq!(hash["alg"], "SHA-256", "{part}");
            assert_eq!(hash["content"].as_str().unwrap().len(), 64, "{part}");
            let reference = part["bom-ref"].as_str().unwrap();
            assert!(references.insert(reference), "{reference} comes twice");
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let edges: BTreeMap<String, Vec<String>> = document["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let needs = one["dependsOn"].as_array().unwrap();
                (text(&one["ref"]), needs.iter().map(text).collect())
            })
            .collect();
        assert_eq!(edges.len(), references.len());
        let mut reached = BTreeSet::new();
        let mut open = vec![text(&whole["bom-ref"])];
        while let Some(part) = open.pop() {
            assert!(references.contains(&*part), "{part} is no component");
            if reached.insert(part.clone()) {
                open.extend(edges[&part].clone());
            }
        }
        assert_eq!(reached.len(), references.len(), "a part that nothing needs");
    }

    #[test]
    fn a_bill_has_every_part_with_its_checksum_in_one_graph() {
        let document = bill().document(1_793_491_200);
        complete(&document);
        assert_eq!(document["metadata"]["timestamp"], "2026-11-01T00:00:00Z");
        assert_eq!(
            document["components"][2]["bom-ref"], "pkg:cargo/b@1",
            "{document:#}"
        );
        assert_eq!(document["dependencies"][2]["ref"], "pkg:cargo/a@1");
        assert_eq!(document["dependencies"][2]["dependsOn"][0], "pkg:cargo/b@1");
    }

    #[test]
    fn the_same_parts_give_the_same_bytes_and_others_another_number() {
        assert_eq!(bill().document(1), bill().document(1));
        let mut more = bill();
        let whole = more.whole();
        more.add(component("c", None), &whole);
        assert_ne!(
            bill().document(1)["serialNumber"],
            more.document(1)["serialNumber"]
        );
    }
}
