//! Keys and editions as a publisher makes them.

use std::os::unix::fs::PermissionsExt as _;

use cloud_api::signing;
use guidance::Catalogue;
use kiosk_api::{Edition, EditionFile, EditionKind, TenantPrivateKey};

use crate::card::now;
use crate::town::{TOWN, assets};

#[test]
fn an_edition_is_signed_verified_and_never_signed_when_broken() {
    let folder = tempfile::tempdir().unwrap();
    let (private, public) = (folder.path().join("k"), folder.path().join("k.pub"));
    signing::new_edition_key(&private, &public).unwrap();
    assert_eq!(
        std::fs::metadata(&private).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        signing::new_edition_key(&private, &public).is_err(),
        "a key is never written over"
    );
    let content = |files| Edition {
        kind: EditionKind::Catalogue,
        tenant: TOWN.parse().unwrap(),
        edition: "e".to_owned(),
        signed_at: now(),
        files,
    };
    let files = signing::edition_files(&assets("catalogue")).unwrap();
    assert!(files.is_sorted_by(|a, b| a.path < b.path));
    let signed = signing::sign::<Catalogue>(content(files), "k", &private).unwrap();
    assert!(signing::verify::<Catalogue>(signed.clone(), &public).is_ok());
    let mut changed = signed;
    changed.content.edition.push('x');
    assert!(signing::verify::<Catalogue>(changed, &public).is_err());

    let broken = vec![EditionFile {
        path: "rules.toml".to_owned(),
        text: "\n[[procedure]\n".to_owned(),
    }];
    let refused = signing::sign::<Catalogue>(content(broken), "k", &private)
        .err()
        .unwrap()
        .to_string();
    assert!(refused.contains("rules.toml"), "{refused}");
}

#[test]
fn a_sealing_key_is_32_bytes_and_its_public_half_is_told() {
    use base64::Engine as _;
    let standard = base64::engine::general_purpose::STANDARD;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sealing.key");
    let public = signing::new_sealing_key(&file).unwrap();
    let private = standard
        .decode(std::fs::read_to_string(&file).unwrap().trim())
        .unwrap();
    let key = TenantPrivateKey::from_bytes(&private).unwrap();
    assert_eq!(standard.encode(key.public().to_bytes()), public);
}
