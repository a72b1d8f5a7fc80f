//! What every receipt printer must do, whichever way its bytes travel.

use devices::receipt_printer::simulated::VirtualPrinter;
use devices::receipt_printer::{
    Job, Paper, Part, Qr, QrCorrection, Raster, ReceiptPrinter, ReceiptPrinterError, Trouble,
};

/// A receipt with every kind of part; 300 rows are more than two bands.
pub fn receipt() -> Job {
    let bits = (0..72_u32 * 300)
        .map(|at| u8::try_from((at * 7 + at / 72) % 256).unwrap())
        .collect();
    Job::new(vec![
        Part::Raster(Raster::from_packed(576, bits).unwrap()),
        Part::Feed(24),
        Part::Qr(Qr::new("https://example.test/r/990019-000123", 6, QrCorrection::M).unwrap()),
        Part::DrawerPulse,
        Part::Cut,
    ])
}

pub fn play_all(printer: &mut dyn ReceiptPrinter, machine: &VirtualPrinter) {
    a_good_receipt_comes_out(printer, machine);
    near_end_still_prints(printer, machine);
    trouble_before_printing_prints_nothing(printer, machine);
    paper_that_ends_halfway_is_reported(printer, machine);
    a_printer_switched_off_is_unreachable(printer, machine);
}

fn a_good_receipt_comes_out(printer: &mut dyn ReceiptPrinter, machine: &VirtualPrinter) {
    assert_eq!(printer.status().unwrap().trouble(), None);
    printer.print(&receipt()).unwrap();
    let receipts = machine.receipts();
    assert_eq!((receipts.len(), machine.pulses()), (1, 1));
    let mut reader = png::Decoder::new(std::io::Cursor::new(&receipts[0].png))
        .read_info()
        .unwrap();
    let mut picture = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut picture).unwrap();
    let Part::Raster(raster) = &receipt().parts[0] else {
        unreachable!()
    };
    let printed: Vec<u8> = picture[..72 * 300].iter().map(|byte| !byte).collect();
    assert!(printed == raster.bits(), "dot for dot");
    assert!(
        picture[72 * 324..].iter().any(|byte| *byte != 0xFF),
        "the code was drawn"
    );
    assert!(
        receipts[0]
            .bytes
            .windows(4)
            .any(|part| part == [0x1D, b'V', 66, 0])
    );
}

fn near_end_still_prints(printer: &mut dyn ReceiptPrinter, machine: &VirtualPrinter) {
    machine.change(|state| state.paper = Paper::NearEnd);
    assert_eq!(printer.status().unwrap().paper, Paper::NearEnd);
    printer.print(&receipt()).unwrap();
    machine.change(|state| state.paper = Paper::Adequate);
    assert_eq!(machine.receipts().len(), 2);
}

fn trouble_before_printing_prints_nothing(
    printer: &mut dyn ReceiptPrinter,
    machine: &VirtualPrinter,
) {
    let mut check =
        |trouble: Trouble,
         on: fn(&mut devices::receipt_printer::ReceiptPrinterStatus),
         off: fn(&mut devices::receipt_printer::ReceiptPrinterStatus)| {
            machine.change(on);
            let refused = Err(ReceiptPrinterError::Trouble {
                trouble,
                began: false,
            });
            assert_eq!(printer.print(&receipt()), refused);
            machine.change(off);
            assert_eq!(
                printer.status().unwrap().trouble(),
                None,
                "after {trouble:?}"
            );
        };
    check(
        Trouble::PaperOut,
        |state| state.paper = Paper::Out,
        |state| state.paper = Paper::Adequate,
    );
    check(
        Trouble::CoverOpen,
        |state| state.cover_open = true,
        |state| state.cover_open = false,
    );
    check(
        Trouble::Jam,
        |state| state.cutter_error = true,
        |state| state.cutter_error = false,
    );
    check(
        Trouble::Offline,
        |state| state.recoverable = true,
        |state| state.recoverable = false,
    );
    assert_eq!(machine.receipts().len(), 2);
}

fn paper_that_ends_halfway_is_reported(printer: &mut dyn ReceiptPrinter, machine: &VirtualPrinter) {
    machine.end_paper_after(200);
    let halfway = Err(ReceiptPrinterError::Trouble {
        trouble: Trouble::PaperOut,
        began: true,
    });
    assert_eq!(printer.print(&receipt()), halfway);
    assert_eq!(machine.receipts().len(), 2, "not cut");
    // A new roll lets the rest come out, as on a real printer; then it prints again.
    machine.change(|state| state.paper = Paper::Adequate);
    assert_eq!(printer.status().unwrap().trouble(), None);
    printer.print(&receipt()).unwrap();
    assert!(machine.receipts().len() >= 3);
}

fn a_printer_switched_off_is_unreachable(
    printer: &mut dyn ReceiptPrinter,
    machine: &VirtualPrinter,
) {
    let before = machine.receipts().len();
    machine.power(false);
    assert!(matches!(
        printer.print(&receipt()),
        Err(ReceiptPrinterError::Unreachable(_) | ReceiptPrinterError::Timeout)
    ));
    machine.power(true);
    printer.print(&receipt()).unwrap();
    assert_eq!(machine.receipts().len(), before + 1);
}
