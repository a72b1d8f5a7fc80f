//! Which addresses of the network a kiosk talks to: the machine's packet filter lets nothing else out.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use reqwest::Url;

use super::{FormPrinter, ReceiptPrinter, Settings};

/// IPP's port (RFC 8010, 3.2), where an address names none.
const IPP: u16 = 631;

impl Settings {
    /// The addresses of the cloud and of the printers on the network; a name is looked up.
    ///
    /// # Errors
    /// A name that cannot be looked up, or a printer's address that is none.
    pub fn network(&self) -> io::Result<BTreeSet<IpAddr>> {
        let mut all = addresses(&self.cloud.url.route(""), None)?;
        match &self.receipt_printer {
            ReceiptPrinter::Tcp(printer) => all.extend([printer.address.ip()]),
            ReceiptPrinter::Serial(_)
            | ReceiptPrinter::Device(_)
            | ReceiptPrinter::Simulated(_) => {}
        }
        match &self.form_printer {
            FormPrinter::Ipp(printer) => {
                let url = Url::parse(&printer.url).map_err(io::Error::other)?;
                all.extend(addresses(&url, Some(IPP))?);
            }
            FormPrinter::Simulated(_) => {}
        }
        Ok(all)
    }
}

fn addresses(url: &Url, port: Option<u16>) -> io::Result<BTreeSet<IpAddr>> {
    let all = url.socket_addrs(|| port)?;
    Ok(all.into_iter().map(|address| address.ip()).collect())
}
