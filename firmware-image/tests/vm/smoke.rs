//! The smallest image (`smoke/`), built and started: part of `make test`.

use std::fs;
use std::path::Path;

use firmware_image::build::{BuildOptions, build};
use firmware_image::keys::{KeyError, Keys};
use firmware_image::manifest::Manifest;
use serde_json::Value;

use crate::machine::Board;
use crate::stick::Stick;
use crate::{BOOT_A, START, overwrite, workspace};

#[test]
#[ignore = "builds and boots an image: make test"]
fn smoke_an_image_is_built_and_starts_and_an_altered_one_does_not() {
    let root = workspace();
    let out = root.join("target/image/smoke");
    let keys = out.join("keys");
    match Keys::of(&keys).make_for_development() {
        Ok(()) | Err(KeyError::Exists { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    let order = BuildOptions {
        recipe: root.join("firmware-image/smoke"),
        programs: out.clone(),
        postal_codes: out.clone(),
        keys,
        cache: root.join("target/image/cache"),
        out: out.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        workspace: root,
    };
    let manifest = build(&order, &|_| {}).unwrap();
    papers_lie_beside(&out, &manifest);

    let folder = out.join("board");
    let _ = fs::remove_dir_all(&folder);
    let mut board = Board::bare(&folder, &out.join("genkan.img"));
    // With the same labels and ids as the disk.
    let twin = Stick::twin(&folder, &out.join("genkan.img"));
    let mut machine = board.start(&twin.device());
    machine.says("slot=A try=1", START);
    let up = machine.says("smoke: slot A is up", START);
    // Under Secure Boot the kernel takes no module that is not signed (kernel_lockdown(7)).
    assert!(up.contains("[integrity]"), "{up}");
    assert!(up.contains("data /dev/vda6 of"), "{up}");
    assert!(up.contains("sda"), "the stick is not there: {up}");
    machine.cut();

    // Connected like the disk itself it cannot be told apart from it: then nothing starts.
    let mut machine = board.start(&twin.built_in());
    machine.says("slot=A try=2", START);
    machine.says("several disks have our partitions", START);
    machine.ends(START);

    overwrite(&board.disk(), BOOT_A + (10 << 20), 16);
    let mut machine = board.start(&[]);
    machine.says("slot=A try=3", START);
    machine.says("bad signature", START);
    machine.ends(START);
}

/// What was really taken is in the bill with its checksum, and each file's provenance is of that file.
fn papers_lie_beside(out: &Path, manifest: &Manifest) {
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(out.join(name)).unwrap()).unwrap()
    };
    let bill = read("sbom.cdx.json");
    let parts = bill["components"].as_array().unwrap();
    for expected in [
        "systemd",
        "busybox-static",
        "grub-efi-amd64-bin",
        "systemd-boot-efi",
    ] {
        let part = parts.iter().find(|part| part["name"] == expected).unwrap();
        let sha256 = part["hashes"][0]["content"].as_str().unwrap();
        assert_eq!(sha256.len(), 64, "{part}");
    }
    let systemd = bill["dependencies"].as_array().unwrap().iter().find(|one| {
        let part = one["ref"].as_str().unwrap();
        part.starts_with("pkg:deb/debian/systemd@")
    });
    let needs = systemd.unwrap()["dependsOn"].to_string();
    assert!(needs.contains("pkg:deb/debian/libc6@"), "{needs}");
    for (name, built) in &manifest.files {
        let statement = read(&format!("{name}.provenance.json"));
        assert_eq!(statement["subject"][0]["digest"]["sha256"], *built.sha256);
    }
}
