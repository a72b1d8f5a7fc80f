//! `[[usb]]` of image.toml as udev's rules: which USB devices get a driver. Nothing else does.
//!
//! The kernel is started with `usbcore.authorized_default=0`, so that a device is not even configured before udev has seen it; its
//! interfaces stay without a driver until one of these rules fits (Documentation/usb/authorization.rst of the kernel).

use serde::Deserialize;
use thiserror::Error;

/// Devices that are let in: of one class, at some ports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbRule {
    /// For people: what such devices are.
    pub what: String,
    /// `bInterfaceClass`, two hexadecimal digits (usb.org, Defined Class Codes).
    pub class: String,
    /// `bInterfaceSubClass`; any if absent.
    pub subclass: Option<String>,
    /// `bInterfaceProtocol`; any if absent.
    pub protocol: Option<String>,
    /// `idVendor`, four hexadecimal digits; any if absent.
    pub vendor: Option<String>,
    /// Bus and ports as the kernel names them, `1-4` or `1-4.*`; `*` and `?` stand for any text and any letter.
    #[serde(default = "any_port")]
    pub port: String,
}

fn any_port() -> String {
    "*".to_owned()
}

/// Why such rules are not written.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("image.toml: usb: {what}: {key} is {shape}")]
pub struct UsbError {
    what: String,
    key: &'static str,
    shape: &'static str,
}

const HEAD: &str = r#"# Made from [[usb]] of image.toml.
ACTION!="add", GOTO="genkan_usb_end"
SUBSYSTEM!="usb", GOTO="genkan_usb_end"
ENV{DEVTYPE}=="usb_device", KERNEL=="usb[0-9]*", ATTR{interface_authorized_default}="0"
ENV{DEVTYPE}=="usb_device", KERNEL!="usb[0-9]*", ATTR{authorized}="1"
ENV{DEVTYPE}!="usb_interface", GOTO="genkan_usb_end"
KERNEL=="*-0:*", GOTO="genkan_usb_end"
"#;

const TAIL: &str = r#"RUN+="/bin/sh -c 'echo genkan: usb: $kernel refused: class $attr{bInterfaceClass} >/dev/console'", GOTO="genkan_usb_end"
LABEL="genkan_usb_in"
ATTR{authorized}="1", RUN+="/bin/sh -c 'echo $kernel >/sys/bus/usb/drivers_probe'"
LABEL="genkan_usb_end"
"#;

/// The rules as udev(7) reads them.
///
/// # Errors
/// [`UsbError`] names the entry and the key.
pub fn rules(allowed: &[UsbRule]) -> Result<String, UsbError> {
    let mut text = HEAD.to_owned();
    for rule in allowed {
        rule.check()?;
        text += &rule.line();
    }
    Ok(text + TAIL)
}

impl UsbRule {
    fn line(&self) -> String {
        let mut line = format!(
            "KERNEL==\"{}:*\", ATTR{{bInterfaceClass}}==\"{}\"",
            self.port, self.class
        );
        if let Some(subclass) = &self.subclass {
            line += &format!(", ATTR{{bInterfaceSubClass}}==\"{subclass}\"");
        }
        if let Some(protocol) = &self.protocol {
            line += &format!(", ATTR{{bInterfaceProtocol}}==\"{protocol}\"");
        }
        if let Some(vendor) = &self.vendor {
            line += &format!(", ATTRS{{idVendor}}==\"{vendor}\"");
        }
        line + ", GOTO=\"genkan_usb_in\"\n"
    }

    fn check(&self) -> Result<(), UsbError> {
        let fault = |key, shape| UsbError {
            what: self.what.clone(),
            key,
            shape,
        };
        let hex = |text: &str, digits| {
            let lower = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            text.len() == digits && text.chars().all(lower)
        };
        if !hex(&self.class, 2) {
            return Err(fault("class", "two hexadecimal digits, small letters"));
        }
        if self.subclass.as_ref().is_some_and(|text| !hex(text, 2)) {
            return Err(fault("subclass", "two hexadecimal digits, small letters"));
        }
        if self.protocol.as_ref().is_some_and(|text| !hex(text, 2)) {
            return Err(fault("protocol", "two hexadecimal digits, small letters"));
        }
        if self.vendor.as_ref().is_some_and(|text| !hex(text, 4)) {
            return Err(fault("vendor", "four hexadecimal digits, small letters"));
        }
        let port = |c: char| c.is_ascii_digit() || "-.*?".contains(c);
        if self.port.is_empty() || !self.port.chars().all(port) {
            return Err(fault("port", "of digits, '-', '.', '*' and '?'"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> UsbRule {
        UsbRule {
            what: "card reader".to_owned(),
            class: "0b".to_owned(),
            subclass: None,
            protocol: None,
            vendor: None,
            port: "1-4".to_owned(),
        }
    }

    #[test]
    fn what_no_rule_names_gets_no_driver() {
        let text = rules(&[reader()]).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let at = |part: &str| lines.iter().position(|line| line.contains(part)).unwrap();
        let allowed = at(r#"KERNEL=="1-4:*", ATTR{bInterfaceClass}=="0b", GOTO="genkan_usb_in""#);
        // Who comes to this line was let in by none before it.
        let refused = at("refused");
        assert!(at(r#"interface_authorized_default}="0""#) < allowed && allowed < refused);
        assert!(lines[refused].ends_with(r#"GOTO="genkan_usb_end""#));
        assert!(refused < at(r#"LABEL="genkan_usb_in""#));
    }

    #[test]
    fn an_entry_that_would_not_do_what_it_says_is_refused() {
        type Alter = fn(&mut UsbRule);
        let cases: [(Alter, &str); 5] = [
            (|rule| rule.class = "B".to_owned(), "class"),
            (|rule| rule.subclass = Some("2".to_owned()), "subclass"),
            (|rule| rule.protocol = Some("1".to_owned()), "protocol"),
            (|rule| rule.vendor = Some("04E6".to_owned()), "vendor"),
            (|rule| rule.port = "1-4\", RUN+=\"x".to_owned(), "port"),
        ];
        for (alter, key) in cases {
            let mut rule = reader();
            alter(&mut rule);
            assert_eq!(rules(&[rule]).unwrap_err().key, key);
        }
    }
}
