//! The virtual printer's state: what it was sent, what it can print, what it says about itself.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::decoder::{Command, Decoded, decode};
use super::paper::Strip;
use crate::receipt_printer::asb;
use crate::receipt_printer::{Paper, ReceiptPrinterStatus};

/// A cut receipt.
#[derive(Clone)]
pub struct Receipt {
    /// The paper as a 1-bit PNG, 576 dots wide.
    pub png: Vec<u8>,
    /// The bytes that made it.
    pub bytes: Vec<u8>,
}

/// A printer in software. Clones are the same machine.
///
/// While it has trouble it takes bytes but prints none of them, as a real one does; they come out when the trouble ends.
#[derive(Clone)]
pub struct VirtualPrinter(Arc<Mutex<Machine>>);

struct Machine {
    power: bool,
    state: ReceiptPrinterStatus,
    rows_left: Option<usize>,
    pending: Vec<u8>,
    raw: Vec<u8>,
    strip: Strip,
    code: (u8, u8, Vec<u8>),
    justify: u8,
    automatic: bool,
    last_pushed: Option<ReceiptPrinterStatus>,
    pulses: u32,
    receipts: Vec<Receipt>,
    folder: Option<PathBuf>,
    number: u32,
}

impl VirtualPrinter {
    /// A printer with paper. With a folder, each receipt is also kept there as `receipt-0001.png` and `.bin`.
    #[must_use]
    pub fn new(folder: Option<&Path>) -> Self {
        Self(Arc::new(Mutex::new(Machine {
            power: true,
            state: ReceiptPrinterStatus::default(),
            rows_left: None,
            pending: Vec::new(),
            raw: Vec::new(),
            strip: Strip::default(),
            code: (3, 48, Vec::new()),
            justify: 0,
            automatic: false,
            last_pushed: None,
            pulses: 0,
            receipts: Vec::new(),
            folder: folder.map(Path::to_owned),
            number: 0,
        })))
    }

    /// Its state, or `None` while switched off.
    #[must_use]
    pub fn status(&self) -> Option<ReceiptPrinterStatus> {
        let machine = self.lock();
        machine.power.then_some(machine.state)
    }

    /// Bytes from a host; returns what the printer answers at once.
    pub fn receive(&self, bytes: &[u8]) -> Vec<u8> {
        self.lock().receive(bytes)
    }

    /// An automatic status to push, if one is due, and answers to what could be printed meanwhile.
    pub fn poll(&self) -> Vec<u8> {
        self.lock().receive(&[])
    }

    /// The host hung up: what it had not completed is void, as after a power cycle of the interface.
    pub fn disconnected(&self) {
        let mut machine = self.lock();
        machine.pending.clear();
        machine.automatic = false;
        machine.last_pushed = None;
    }

    /// Receipts cut so far.
    #[must_use]
    pub fn receipts(&self) -> Vec<Receipt> {
        self.lock().receipts.clone()
    }

    /// How often the drawer connector was pulsed.
    #[must_use]
    pub fn pulses(&self) -> u32 {
        self.lock().pulses
    }

    /// Changes paper, cover or faults, as a hand would.
    pub fn change(&self, change: impl FnOnce(&mut ReceiptPrinterStatus)) {
        let mut machine = self.lock();
        change(&mut machine.state);
        if machine.state.paper != Paper::Out {
            machine.rows_left = None;
        }
        machine.settle_offline();
    }

    /// Lets the roll end after so many more rows.
    pub fn end_paper_after(&self, rows: usize) {
        self.lock().rows_left = Some(rows);
    }

    /// Switches it on or off; off forgets everything that was not printed.
    pub fn power(&self, on: bool) {
        let mut machine = self.lock();
        machine.power = on;
        machine.pending.clear();
        machine.raw.clear();
        machine.strip = Strip::default();
        machine.automatic = false;
        machine.state.unrecoverable = false;
        machine.settle_offline();
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Machine {
    fn settle_offline(&mut self) {
        let state = &mut self.state;
        // A printer that cannot print is offline; one that was put offline by hand stays so until it is put back.
        let cannot = state.cover_open
            || state.paper == Paper::Out
            || state.cutter_error
            || state.unrecoverable;
        state.offline = cannot || (state.offline && state.recoverable);
    }

    fn halted(&self) -> bool {
        !self.power || self.state.trouble().is_some()
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        if !self.power {
            return answers;
        }
        if self.halted() {
            self.answer_while_halted(bytes, &mut answers);
        } else {
            self.pending.extend_from_slice(bytes);
        }
        while !self.halted() && self.step(&mut answers) {}
        if self.automatic && self.last_pushed != Some(self.state) {
            self.last_pushed = Some(self.state);
            answers.extend_from_slice(&asb::automatic_bytes(&self.state));
        }
        answers
    }

    /// Real-time requests are heard even then; everything else waits.
    fn answer_while_halted(&mut self, mut bytes: &[u8], answers: &mut Vec<u8>) {
        while let [first, rest @ ..] = bytes {
            match bytes {
                [0x10, 0x04, n @ 1..=4, after @ ..] => {
                    answers.extend(asb::real_time_byte(&self.state, *n));
                    bytes = after;
                }
                [0x1D, b'a', n, after @ ..] if self.pending.is_empty() => {
                    self.automatic = *n != 0;
                    bytes = after;
                }
                _ => {
                    self.pending.push(*first);
                    bytes = rest;
                }
            }
        }
    }

    /// Carries out one command; `false` when none is complete.
    fn step(&mut self, answers: &mut Vec<u8>) -> bool {
        let (command, length) = match decode(&self.pending) {
            Decoded::Command(command, length) => (command, length),
            Decoded::Incomplete => return false,
            Decoded::Garbage => {
                tracing::warn!(
                    bytes = self.pending.len(),
                    "virtual printer refused garbage"
                );
                self.pending.clear();
                self.state.unrecoverable = true;
                self.settle_offline();
                return false;
            }
        };
        let taken: Vec<u8> = self.pending.drain(..length).collect();
        if !matches!(
            command,
            Command::RealTimeStatus(_) | Command::AutomaticStatus(_) | Command::StatusInOrder(_)
        ) {
            self.raw.extend_from_slice(&taken);
        }
        self.run(command, answers);
        true
    }

    fn run(&mut self, command: Command, answers: &mut Vec<u8>) {
        let before = self.strip.rows();
        match command {
            Command::Initialise => {
                self.justify = 0;
                self.code = (3, 48, Vec::new());
            }
            Command::Justify(side) => self.justify = side,
            Command::Raster { stride, bits } => self.strip.raster(stride, &bits),
            Command::QrModule(module) => self.code.0 = module,
            Command::QrCorrection(correction) => self.code.1 = correction,
            Command::QrData(data) => self.code.2 = data,
            Command::QrPrint => {
                let (module, correction, data) = self.code.clone();
                if !self.strip.qr(&data, module, correction, self.justify) {
                    tracing::warn!("virtual printer cannot draw this QR code");
                }
            }
            Command::Cut => self.cut(),
            Command::DrawerPulse => self.pulses += 1,
            Command::RealTimeStatus(n) => answers.extend(asb::real_time_byte(&self.state, n)),
            Command::AutomaticStatus(n) => {
                self.automatic = n != 0;
                self.last_pushed = None;
            }
            Command::StatusInOrder(_) => {
                let roll = u8::from(self.state.paper == Paper::NearEnd) * 0x03;
                answers.push(roll);
            }
            Command::Nothing => {}
        }
        self.use_paper(self.strip.rows().saturating_sub(before));
    }

    fn use_paper(&mut self, rows: usize) {
        if let Some(left) = &mut self.rows_left {
            *left = left.saturating_sub(rows);
            if *left == 0 && rows > 0 {
                self.state.paper = Paper::Out;
                self.settle_offline();
            }
        }
    }

    fn cut(&mut self) {
        self.strip.feed_to_cutter();
        let receipt = Receipt {
            png: self.strip.png(),
            bytes: std::mem::take(&mut self.raw),
        };
        self.strip = Strip::default();
        self.number += 1;
        if let Some(folder) = &self.folder {
            let path = |ending: &str| folder.join(format!("receipt-{:04}.{ending}", self.number));
            // The picture comes last and whole: whoever watches the folder sees complete receipts only.
            let partial = path("part");
            let kept = std::fs::write(path("bin"), &receipt.bytes)
                .and_then(|()| std::fs::write(&partial, &receipt.png))
                .and_then(|()| std::fs::rename(&partial, path("png")));
            if let Err(error) = kept {
                tracing::error!(%error, "receipt not kept");
            }
        }
        self.receipts.push(receipt);
    }
}
