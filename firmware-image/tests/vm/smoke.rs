//! The smallest image (`smoke/`), built and started: part of `make test`.

use std::fs;

use firmware_image::build::{BuildOptions, build};
use firmware_image::keys::{KeyError, Keys};

use crate::machine::Board;
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
    build(&order, &|_| {}).unwrap();

    let folder = out.join("board");
    let _ = fs::remove_dir_all(&folder);
    let mut board = Board::bare(&folder, &out.join("genkan.img"));
    let mut machine = board.start(&[]);
    machine.says("slot=A try=1", START);
    let up = machine.says("smoke: slot A is up", START);
    // Under Secure Boot the kernel takes no module that is not signed (kernel_lockdown(7)).
    assert!(up.contains("[integrity]"), "{up}");
    machine.cut();

    overwrite(&board.disk(), BOOT_A + (10 << 20), 16);
    let mut machine = board.start(&[]);
    machine.says("slot=A try=2", START);
    machine.says("bad signature", START);
    machine.ends(START);
}
