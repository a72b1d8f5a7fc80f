//! QEMU's own line (QMP): pictures of the screen, fingers on it, the end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

/// Full scale of the touch panel's axes.
const FULL: u32 = 32767;

pub struct Qmp {
    line: BufReader<UnixStream>,
}

impl Qmp {
    pub fn connect(socket: &Path) -> Self {
        let mut qmp = Self {
            line: BufReader::new(UnixStream::connect(socket).unwrap()),
        };
        qmp.line.read_line(&mut String::new()).unwrap();
        qmp.ask("qmp_capabilities", &json!({}));
        qmp
    }

    pub fn ask(&mut self, command: &str, arguments: &Value) -> Value {
        let mut answer = self.answer(command, arguments);
        assert!(answer.get("error").is_none(), "{command}: {answer}");
        answer["return"].take()
    }

    /// Whether it was done.
    pub fn tries(&mut self, command: &str, arguments: &Value) -> bool {
        self.answer(command, arguments).get("return").is_some()
    }

    fn answer(&mut self, command: &str, arguments: &Value) -> Value {
        let request = json!({ "execute": command, "arguments": arguments });
        writeln!(self.line.get_ref(), "{request}").unwrap();
        loop {
            let mut line = String::new();
            assert!(
                self.line.read_line(&mut line).unwrap() > 0,
                "QEMU ended during {command}"
            );
            let answer: Value = serde_json::from_str(&line).unwrap();
            // Events come in between.
            if answer.get("return").is_some() || answer.get("error").is_some() {
                return answer;
            }
        }
    }

    /// The screen as a file, of the kind that its ending says.
    pub fn picture(&mut self, file: &Path) {
        let kind = file.extension().unwrap().to_str().unwrap();
        self.ask(
            "screendump",
            &json!({ "filename": file, "format": kind, "device": "screen" }),
        );
    }

    /// A finger over a point of the screen.
    pub fn point(&mut self, (x, y): (u32, u32), (width, height): (u32, u32)) {
        let axis = |name: &str, value: u32| json!({ "type": "abs", "data": { "axis": name, "value": value } });
        let events = [axis("x", x * FULL / width), axis("y", y * FULL / height)];
        self.ask("input-send-event", &json!({ "events": events }));
    }

    /// A finger down, or up.
    pub fn press(&mut self, down: bool) {
        let button = json!({ "type": "btn", "data": { "down": down, "button": "left" } });
        self.ask("input-send-event", &json!({ "events": [button] }));
    }
}
