//! From the firmware to the kernel nothing starts that is not signed, and `/data` opens for nothing else.

use std::fs;
use std::path::Path;

use firmware_image::keys::Keys;
use firmware_image::signing::Signing;

use crate::machine::Board;
use crate::wrong::notice;
use crate::{BOOT_A, START, board, image, known, overwrite};

/// Any time will do: it is a signature's date.
const TIME: u64 = 1_793_491_200;

#[test]
#[ignore = "boots the image: make image-test"]
fn what_is_not_signed_does_not_start_and_without_secure_boot_data_stays_sealed() {
    let (mut board, _town) = board("chain");
    let mut machine = board.start(&[]);
    machine.says(
        concat!("slot=A version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    machine.cut();

    // The boot loader, altered: the firmware itself refuses.
    let (good, altered) = (
        board.folder.join("BOOTX64.EFI"),
        board.folder.join("altered.efi"),
    );
    board.take("EFI/BOOT/BOOTX64.EFI", &good);
    let mut bytes = fs::read(&good).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&altered, bytes).unwrap();
    board.put(&altered, "EFI/BOOT/BOOTX64.EFI");
    let mut machine = board.start(&[]);
    machine.says("Access Denied", START);
    machine.cut();
    board.put(&good, "EFI/BOOT/BOOTX64.EFI");

    // The kernel image, altered in its middle; then a stranger's; then one that only the boot loader would take.
    overwrite(&board.disk(), BOOT_A + (10 << 20), 16);
    refused(&mut board, 1, "bad signature");
    let (strangers, ours) = (
        Keys::of(&board.folder.join("strangers")),
        Keys::of(&image("keys")),
    );
    strangers.make_for_development().unwrap();
    put_kernel_image(&board, &strangers, &strangers);
    refused(&mut board, 2, "public key");
    put_kernel_image(&board, &strangers, &ours);
    refused(&mut board, 3, "cannot load image");

    let mut machine = board.start(&[]);
    machine.says("slot=B try=1", START);
    machine.says(
        concat!("slot=B version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
    machine.cut();

    // Somebody switches Secure Boot off to start something else: the TPM measures that, too.
    board.forget_keys();
    let mut machine = board.start(&[]);
    machine.says("data: the TPM does not release the key", START);
    machine.says("Secure Boot is off", START);
    notice(&mut machine, &known("sealed"));
    machine.cut();

    // With the same keys in the firmware again, it opens as if nothing had been.
    board.enrol_keys(&image("keys"));
    let mut machine = board.start(&[]);
    machine.says("data: open", START);
    machine.says(
        concat!("slot=B version=", env!("CARGO_PKG_VERSION"), " well"),
        START,
    );
}

/// The slot's try ends in the boot loader, for this reason.
fn refused(board: &mut Board, attempt: usize, why: &str) {
    let mut machine = board.start(&[]);
    machine.says(&format!("slot=A try={attempt}"), START);
    machine.says(why, START);
    machine.says("slot A does not start", START);
    machine.ends(START);
}

/// The image's own kernel image, signed by these, into the first slot.
fn put_kernel_image(board: &Board, for_firmware: &Keys, for_loader: &Keys) {
    let (kernel, signature) = (
        board.folder.join("genkan.efi"),
        board.folder.join("genkan.efi.sig"),
    );
    let signing = |keys| Signing { keys, time: TIME };
    let plain = image("work/plain.efi");
    signing(for_firmware).for_firmware(&plain, &kernel).unwrap();
    signing(for_loader).for_loader(&kernel, &signature).unwrap();
    let put = |file: &Path, name: &str| board.put_at(BOOT_A, file, name);
    put(&kernel, "genkan.efi");
    put(&signature, "genkan.efi.sig");
}
