//! A real receipt printer that speaks ESC/POS.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::escpos::driver::Driver;
use ::escpos::errors::{PrinterError, Result as DriverResult};
use ::escpos::printer::Printer;
use ::escpos::utils::{JustifyMode, Protocol, QRCodeCorrectionLevel, QRCodeModel, QRCodeOption};

use super::asb::{self, Message, StatusParser};
use super::device::{Address, Line};
use super::{
    Job, Part, Qr, QrCorrection, Raster, ReceiptPrinter, ReceiptPrinterError, ReceiptPrinterStatus,
};

/// Rows per GS v 0: small enough for every printer's buffer.
const BAND_ROWS: usize = 128;
/// GS a 15: push the status at every change of drawer, online, error and paper.
const AUTOMATIC_STATUS: [u8; 3] = [0x1D, b'a', 0x0F];
/// GS r 1: answer when everything before it has been printed.
const REPORT_WHEN_DONE: [u8; 3] = [0x1D, b'r', 0x01];
/// DLE EOT 1 to 4.
const REPORT_STATUS: [u8; 12] = [0x10, 0x04, 1, 0x10, 0x04, 2, 0x10, 0x04, 3, 0x10, 0x04, 4];
/// GS V 66 0: feed to the cutter and cut but one point. The crate's own "partial cut" sends GS V 65, which is a full cut.
const FEED_AND_CUT: [u8; 4] = [0x1D, b'V', 66, 0];
/// ESC p 0 25 250. The crate's own pulse lacks both times and swallows the next command.
const DRAWER_PULSE: [u8; 5] = [0x1B, b'p', 0, 25, 250];
/// The slowest printers print this many rows a second.
const SLOWEST_ROWS_PER_SECOND: u64 = 400;

/// A printer behind TCP, a serial port or a USB printer device. Connects when first needed and again after a failure.
pub struct EscPosPrinter {
    address: Address,
    deadline: Duration,
    connection: Option<Connection>,
}

struct Connection {
    line: Arc<Mutex<Line>>,
    parser: StatusParser,
}

impl EscPosPrinter {
    /// A printer that is not contacted yet. `deadline` bounds connecting and each answer; printing may take as much longer
    /// as the receipt is long.
    #[must_use]
    pub fn new(address: Address, deadline: Duration) -> Self {
        Self {
            address,
            deadline,
            connection: None,
        }
    }

    fn on_line<T>(
        &mut self,
        work: impl FnOnce(&mut Connection, Duration) -> Result<T, ReceiptPrinterError>,
    ) -> Result<T, ReceiptPrinterError> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let mut line = Line::open(&self.address, self.deadline).map_err(unreachable)?;
                line.write_all(&AUTOMATIC_STATUS, Instant::now() + self.deadline)
                    .map_err(unreachable)?;
                none.insert(Connection {
                    line: Arc::new(Mutex::new(line)),
                    parser: StatusParser::default(),
                })
            }
        };
        let result = work(connection, self.deadline);
        if let Err(ReceiptPrinterError::Unreachable(_) | ReceiptPrinterError::Timeout) = result {
            self.connection = None;
        }
        result
    }
}

impl ReceiptPrinter for EscPosPrinter {
    fn status(&mut self) -> Result<ReceiptPrinterStatus, ReceiptPrinterError> {
        let fresh = self.connection.is_none();
        match self.on_line(Connection::status) {
            // The old connection may have died unnoticed since the last visit.
            Err(ReceiptPrinterError::Unreachable(_)) if !fresh => self.on_line(Connection::status),
            other => other,
        }
    }

    fn print(&mut self, job: &Job) -> Result<(), ReceiptPrinterError> {
        if let Some(trouble) = self.status()?.trouble() {
            return Err(ReceiptPrinterError::Trouble {
                trouble,
                began: false,
            });
        }
        let printed = self.on_line(|connection, deadline| connection.print(job, deadline));
        match printed {
            // On a new connection the printer may still be able to report why it is silent.
            Err(ReceiptPrinterError::Timeout | ReceiptPrinterError::Unreachable(_)) => {
                match self.status()?.trouble() {
                    Some(trouble) => Err(ReceiptPrinterError::Trouble {
                        trouble,
                        began: true,
                    }),
                    None => Err(ReceiptPrinterError::Timeout),
                }
            }
            other => other,
        }
    }
}

impl Connection {
    fn status(&mut self, deadline: Duration) -> Result<ReceiptPrinterStatus, ReceiptPrinterError> {
        let end = Instant::now() + deadline;
        self.lock(|line| line.write_all(&REPORT_STATUS, end))?;
        let mut answers = Vec::with_capacity(4);
        self.listen(end, |message| {
            if let Message::RealTime(byte) = message {
                answers.push(byte);
            }
            Ok(answers.len() == 4)
        })?;
        let answers: [u8; 4] = answers
            .try_into()
            .map_err(|_| ReceiptPrinterError::Malformed)?;
        Ok(asb::from_real_time(answers))
    }

    fn print(&mut self, job: &Job, deadline: Duration) -> Result<(), ReceiptPrinterError> {
        let end =
            Instant::now() + deadline + Duration::from_secs(rows(job) / SLOWEST_ROWS_PER_SECOND);
        let driver = LineDriver {
            line: Arc::clone(&self.line),
            end,
        };
        encode(job, driver).map_err(|error| ReceiptPrinterError::Unreachable(error.to_string()))?;
        self.listen(end, |message| match message {
            Message::InOrder(_) => Ok(true),
            Message::Automatic(status) => match status.trouble() {
                Some(trouble) => Err(ReceiptPrinterError::Trouble {
                    trouble,
                    began: true,
                }),
                None => Ok(false),
            },
            // Picture bytes that look like DLE EOT make some printers answer; nobody asked.
            Message::RealTime(_) => Ok(false),
        })
    }

    /// Feeds messages to `done` until it is.
    fn listen(
        &mut self,
        end: Instant,
        mut done: impl FnMut(Message) -> Result<bool, ReceiptPrinterError>,
    ) -> Result<(), ReceiptPrinterError> {
        let mut buffer = [0; 64];
        loop {
            let read = self.lock(|line| line.read(&mut buffer, end))?;
            for byte in &buffer[..read] {
                if let Some(message) = self.parser.push(*byte)
                    && done(message)?
                {
                    return Ok(());
                }
            }
        }
    }

    fn lock<T>(
        &self,
        work: impl FnOnce(&mut Line) -> io::Result<T>,
    ) -> Result<T, ReceiptPrinterError> {
        work(&mut self.line.lock().unwrap_or_else(PoisonError::into_inner)).map_err(unreachable)
    }
}

fn unreachable(error: io::Error) -> ReceiptPrinterError {
    match error.kind() {
        io::ErrorKind::TimedOut => ReceiptPrinterError::Timeout,
        _ => ReceiptPrinterError::Unreachable(error.to_string()),
    }
}

fn rows(job: &Job) -> u64 {
    let of = |part: &Part| match part {
        Part::Raster(raster) => u64::from(raster.rows()),
        Part::Qr(_) => 600,
        Part::Feed(dots) => u64::from(*dots),
        Part::Cut | Part::DrawerPulse => 300,
    };
    job.parts.iter().map(of).sum()
}

/// Writes a job as ESC/POS to a driver, in one go, ending with the request to report when it is done.
pub(super) fn encode(job: &Job, driver: impl Driver) -> DriverResult<()> {
    let mut printer = Printer::new(driver, Protocol::default(), None);
    printer.init()?;
    for part in &job.parts {
        match part {
            Part::Raster(raster) => bands(&mut printer, raster)?,
            Part::Qr(code) => qr(&mut printer, code)?,
            // Blank rows: ESC J counts in a unit that differs between models.
            Part::Feed(0) => {}
            Part::Feed(dots) => {
                printer.custom(
                    &[
                        &[0x1D, b'v', b'0', 0, 1, 0, *dots, 0],
                        vec![0; usize::from(*dots)].as_slice(),
                    ]
                    .concat(),
                )?;
            }
            Part::Cut => {
                printer.custom(&FEED_AND_CUT)?;
            }
            Part::DrawerPulse => {
                printer.custom(&DRAWER_PULSE)?;
            }
        }
    }
    printer.custom(&REPORT_WHEN_DONE)?.print()?;
    Ok(())
}

fn bands<D: Driver>(printer: &mut Printer<D>, raster: &Raster) -> DriverResult<()> {
    let stride = raster.width() / 8;
    for band in raster.bits().chunks(usize::from(stride) * BAND_ROWS) {
        let rows = u16::try_from(band.len() / usize::from(stride))?;
        let ([xl, xh], [yl, yh]) = (stride.to_le_bytes(), rows.to_le_bytes());
        printer.custom(&[&[0x1D, b'v', b'0', 0, xl, xh, yl, yh], band].concat())?;
    }
    Ok(())
}

fn qr<D: Driver>(printer: &mut Printer<D>, code: &Qr) -> DriverResult<()> {
    let correction = match code.correction() {
        QrCorrection::L => QRCodeCorrectionLevel::L,
        QrCorrection::M => QRCodeCorrectionLevel::M,
        QrCorrection::Q => QRCodeCorrectionLevel::Q,
        QrCorrection::H => QRCodeCorrectionLevel::H,
    };
    let option = QRCodeOption::new(QRCodeModel::Model2, code.module(), correction);
    printer
        .justify(JustifyMode::CENTER)?
        .qrcode_option(code.data(), option)?
        .justify(JustifyMode::LEFT)?;
    Ok(())
}

/// The crate's way to our line, with one end for the whole job.
struct LineDriver {
    line: Arc<Mutex<Line>>,
    end: Instant,
}

impl Driver for LineDriver {
    fn name(&self) -> String {
        "line".to_owned()
    }

    fn write(&self, data: &[u8]) -> DriverResult<()> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.write_all(data, self.end)
            .map_err(|error| PrinterError::Io(error.to_string()))
    }

    fn read(&self, buffer: &mut [u8]) -> DriverResult<usize> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.read(buffer, self.end)
            .map_err(|error| PrinterError::Io(error.to_string()))
    }

    fn flush(&self) -> DriverResult<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::receipt_printer::simulated::Collect;
    use crate::receipt_printer::{Job, Part, Qr, QrCorrection, Raster};

    fn bytes(parts: Vec<Part>) -> Vec<u8> {
        let collect = Collect::default();
        encode(&Job::new(parts), collect.clone()).unwrap();
        collect.take()
    }

    #[test]
    fn a_receipt_is_the_documented_bytes() {
        let raster = Raster::from_packed(16, vec![0xAA; 2 * 130]).unwrap();
        let golden = [
            &[0x1B, b'@'][..],
            &[0x1D, b'v', b'0', 0, 2, 0, 128, 0],
            &[0xAA; 256],
            &[0x1D, b'v', b'0', 0, 2, 0, 2, 0],
            &[0xAA; 4],
            &[0x1D, b'v', b'0', 0, 1, 0, 3, 0, 0, 0, 0],
            &[0x1D, b'V', 66, 0],
            &[0x1B, b'p', 0, 25, 250],
            &[0x1D, b'r', 1],
        ]
        .concat();
        assert_eq!(
            bytes(vec![
                Part::Raster(raster),
                Part::Feed(3),
                Part::Cut,
                Part::DrawerPulse
            ]),
            golden
        );
    }

    #[test]
    fn a_code_is_drawn_by_the_printer() {
        let golden = [
            &[0x1B, b'@', 0x1B, b'a', 1][..],
            &[0x1D, b'(', b'k', 4, 0, 49, 65, 50, 0],
            &[0x1D, b'(', b'k', 3, 0, 49, 67, 6],
            &[0x1D, b'(', b'k', 3, 0, 49, 69, 49],
            &[0x1D, b'(', b'k', 5, 0, 49, 80, 48, b'A', b'1'],
            &[0x1D, b'(', b'k', 3, 0, 49, 81, 48],
            &[0x1B, b'a', 0, 0x1D, b'r', 1],
        ]
        .concat();
        assert_eq!(
            bytes(vec![Part::Qr(Qr::new("A1", 6, QrCorrection::M).unwrap())]),
            golden
        );
    }
}
