//! The receipt contract: in this process and over TCP; and that a printer fed garbage stops rather than prints it.
#![allow(clippy::unwrap_used, unreachable_pub)]

#[path = "contract/receipt.rs"]
mod contract;

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use devices::receipt_printer::escpos::EscPosPrinter;
use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter, server};
use devices::receipt_printer::{Address, ReceiptPrinter as _, ReceiptPrinterError, Trouble};

#[test]
fn the_simulated_printer_keeps_the_contract() {
    let machine = VirtualPrinter::new(None);
    contract::play_all(&mut SimulatedReceiptPrinter::new(machine.clone()), &machine);
}

#[test]
fn the_real_printer_keeps_the_contract_over_tcp() {
    let folder = tempfile::tempdir().unwrap();
    let machine = VirtualPrinter::new(Some(folder.path()));
    let address = listen(&machine);
    contract::play_all(
        &mut EscPosPrinter::new(address, Duration::from_secs(2)),
        &machine,
    );
    let kept = std::fs::read(folder.path().join("receipt-0001.png")).unwrap();
    assert_eq!(kept, machine.receipts()[0].png);
    assert_eq!(
        std::fs::read(folder.path().join("receipt-0001.bin")).unwrap(),
        machine.receipts()[0].bytes
    );
}

#[test]
fn garbage_breaks_the_printer_instead_of_being_printed() {
    let machine = VirtualPrinter::new(None);
    machine.receive(b"GET / HTTP/1.1\r\n");
    let mut printer = SimulatedReceiptPrinter::new(machine.clone());
    let refused = Err(ReceiptPrinterError::Trouble {
        trouble: Trouble::Broken,
        began: false,
    });
    assert_eq!(printer.print(&contract::receipt()), refused);
    machine.power(true);
    assert_eq!(printer.status().unwrap().trouble(), None);
}

#[test]
fn a_silent_host_is_a_timeout_and_a_closed_port_unreachable() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::Tcp(silent.local_addr().unwrap().to_string());
    let mut printer = EscPosPrinter::new(address.clone(), Duration::from_millis(200));
    assert_eq!(printer.status(), Err(ReceiptPrinterError::Timeout));
    drop(silent);
    assert!(matches!(
        printer.status(),
        Err(ReceiptPrinterError::Unreachable(_))
    ));
}

fn listen(machine: &VirtualPrinter) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::Tcp(listener.local_addr().unwrap().to_string());
    let machine = machine.clone();
    thread::spawn(move || server::serve(&listener, &machine));
    address
}
