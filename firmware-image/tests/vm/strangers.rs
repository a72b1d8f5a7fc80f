//! What a passer-by can plug in.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use firmware_image::keys::Keys;
use firmware_image::provision;

use crate::machine::Machine;
use crate::stick::Stick;
use crate::{START, board, image, town::Town, workspace};

const WELL: &str = concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well");

/// Everything that was said while the kiosk became well; nothing of it came from the stick.
fn well(machine: &mut Machine) {
    machine.says(WELL, START);
    let heard = machine.heard().join("\n");
    assert!(
        !heard.contains("settings: taken from the EFI partition"),
        "{heard}"
    );
}

/// A stick with the disk's own labels and ids, and on its first partition a folder that makes the machine another town's kiosk: there at
/// power-on, there while the system starts, and put in later.
#[test]
#[ignore = "boots the image: make image-test"]
fn a_stick_that_looks_like_the_disk_changes_nothing() {
    let (mut board, _town) = board("twin");
    let others = board.folder.join("others");
    let town = Town::prepare(
        &others.join("town"),
        &workspace().join("target/debug"),
        &workspace(),
    );
    town.provision(&others.join("provision"));
    let stick = Stick::twin(&board.folder, &image("genkan.img"));
    stick.put(&others.join("provision"), "provision");

    // The first start takes what lies on the disk itself.
    let mut machine = board.start(&stick.device());
    machine.says("settings: taken from the EFI partition", START);
    machine.says(WELL, START);
    machine.cut();

    let mut machine = board.start(&stick.device());
    well(&mut machine);
    machine.cut();

    let mut machine = board.start(&Stick::socket());
    machine.says("slot=A try=1", START);
    machine.plug(&stick);
    well(&mut machine);
    machine.unplug();
    machine.plug(&stick);
    machine.unplug();
    machine.cut();

    let mut machine = board.start(&[]);
    well(&mut machine);
}

/// Neither a keyboard nor a network adapter gets a driver; a stick in the same socket does.
#[test]
#[ignore = "boots the image: make image-test"]
fn a_usb_device_of_another_kind_gets_no_driver() {
    let (mut board, _town) = board("usb");
    let mut machine = board.start(&Stick::socket());
    machine.says(WELL, START);
    for (driver, class) in [("usb-kbd", "class 03"), ("usb-net", "refused")] {
        machine.plug_device(driver);
        let line = machine.says("usb: ", 120);
        assert!(line.contains("refused") && line.contains(class), "{line}");
        machine.unplug_device();
    }
    let stick = Stick::with(&board.folder, "nothing", &image("manifest.json"));
    machine.plug(&stick);
    machine.says("update: refused", 300);
}

/// A kiosk's folder counts with its image's signature alone, for this kiosk and with a higher counter; and whether taken or refused,
/// its bytes are on the disk no more.
#[test]
#[ignore = "boots the image: make image-test"]
fn only_a_signed_folder_is_taken_and_none_can_be_read_afterwards() {
    let (mut board, town) = board("signed");
    let secret = secret(&board.folder.join("provision"));
    assert!(contains(&board.disk(), &secret), "the search finds nothing");
    let mut machine = board.start(&[]);
    machine.says(
        "settings: taken from the EFI partition: kiosk-1, counter 1",
        START,
    );
    machine.says(WELL, START);
    machine.cut();
    assert!(!contains(&board.disk(), &secret));

    let folder = board.folder.join("again");
    let strangers = Keys::of(&board.folder.join("strangers"));
    strangers.make_for_development().unwrap();
    let ours = Keys::of(&image("keys"));
    let altered = |folder: &Path| {
        provision::sign(folder, 2, &ours).unwrap();
        let file = folder.join("settings/kiosk.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("https://", "https://x.")).unwrap();
    };
    let added = |folder: &Path| {
        provision::sign(folder, 2, &ours).unwrap();
        fs::write(folder.join("settings/more.toml"), "").unwrap();
    };
    let another = |folder: &Path| {
        let file = folder.join("settings/kiosk.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("id = \"kiosk-1\"", "id = \"kiosk-2\"")).unwrap();
        provision::sign(folder, 2, &ours).unwrap();
    };
    type Make<'a> = &'a dyn Fn(&Path);
    let cases: [(Make<'_>, &str); 6] = [
        (&|_| {}, "it is not signed"),
        (
            &|folder| provision::sign(folder, 2, &strangers).unwrap(),
            "it is not signed with this image's key",
        ),
        (&altered, "a file is not as it was signed"),
        (&added, "its list names other files"),
        (&another, "it is for kiosk-2, and this is kiosk-1"),
        // Not the very list that was taken: that one is only a start that was cut off.
        (
            &|folder| {
                fs::write(folder.join("settings/note"), "").unwrap();
                provision::sign(folder, 1, &ours).unwrap();
            },
            "its counter is 1, and the last one was 1",
        ),
    ];
    for (make, why) in cases {
        let _ = fs::remove_dir_all(&folder);
        town.provision(&folder);
        make(&folder);
        board.put(&folder, "provision");
        let mut machine = board.start(&[]);
        machine.says(&format!("provision/ is refused: {why}"), START);
        machine.says(WELL, START);
        machine.cut();
        assert!(!contains(&board.disk(), &secret), "{why}");
    }
}

/// A part of the kiosk's private key as it stands in its file.
fn secret(provision: &Path) -> Vec<u8> {
    let key = fs::read_to_string(provision.join("tls/kiosk-1.key")).unwrap();
    key.lines().nth(1).unwrap().as_bytes()[16..].to_vec()
}

/// Whether these bytes are anywhere on the disk.
fn contains(disk: &Path, bytes: &[u8]) -> bool {
    let search = Command::new("grep")
        .args(["-c", "-a", "-F", "-e"])
        .arg(OsStr::from_bytes(bytes))
        .arg(disk)
        .output()
        .unwrap();
    assert!(search.status.code() != Some(2), "{search:?}");
    search.status.success()
}
