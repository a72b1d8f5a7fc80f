//! Somebody before the web screen, who types words that occur nowhere else and otherwise leads on.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// Where a title contains the first, the second is typed.
pub(crate) const TYPED: &[(&str, &str)] = &[
    ("電話", "09087654329"),
    ("口座番号", "7654329"),
    ("番地", "7-65-432-98"),
];

/// Buttons that lead on, most wanted first.
const LEAD_ON: &[&str] = &[
    "はじめる",
    "カードを使う",
    "引っ越した",
    "だれもいない",
    "どれもしない",
    "自分だけ",
    "まちがいありません",
    "書類を作る",
    "一覧を印刷する",
    "印刷した紙に書く",
    "印刷する",
    "いいえ",
    "いません",
    "次へ",
    "昨日",
    "決定",
    "続ける",
    "漢字は あとで紙に書く",
    "あとで窓口で書く",
    "わからない",
];

/// Parts of the frame, which do not lead on.
const FRAME: &[&str] = &[
    "もどる",
    "職員を呼ぶ",
    "最初から",
    "ことば",
    "見え方",
    "上を見る",
    "続きを見る",
];

pub(crate) struct Resident {
    screen: WebSocket<TcpStream>,
    tree: Value,
    titles: Vec<String>,
}

impl Resident {
    pub(crate) fn at(screen: WebSocket<TcpStream>) -> Self {
        let patience = Some(Duration::from_secs(60));
        screen.get_ref().set_read_timeout(patience).unwrap();
        let mut resident = Self {
            screen,
            tree: Value::Null,
            titles: Vec::new(),
        };
        resident.look();
        resident
    }

    /// Waits for the next state of the screen.
    fn look(&mut self) {
        loop {
            match self.screen.read() {
                Ok(Message::Binary(_)) => self.send(&json!({"do": "painted"})),
                Ok(Message::Text(text)) => {
                    self.tree = serde_json::from_str(&text).unwrap();
                    return;
                }
                Ok(_) => {}
                Err(error) => panic!("{error} at {:?}:\n{}", self.titles, self.tree),
            }
        }
    }

    fn send(&mut self, said: &Value) {
        self.screen.send(Message::text(said.to_string())).unwrap();
    }

    fn nodes(&self) -> &[Value] {
        self.tree["nodes"].as_array().map_or(&[], Vec::as_slice)
    }

    fn title(&self) -> String {
        let heading = self.nodes().iter().find(|node| node["role"] == "heading");
        heading.map_or_else(String::new, name)
    }

    /// The id of the first button that can be touched and whose name begins so.
    fn button(&self, begin: &str) -> Option<Value> {
        let fits = |node: &&Value| {
            node["role"] == "button" && node["enabled"] != false && name(node).starts_with(begin)
        };
        self.nodes()
            .iter()
            .find(fits)
            .map(|node| node["id"].clone())
    }

    fn touch(&mut self, id: &Value) {
        let page = self.tree["page"].clone();
        self.send(&json!({"do": "press", "id": id, "page": page}));
        self.look();
    }

    pub(crate) fn presses(&mut self, begin: &str) {
        let id = self.button(begin);
        let id = id.unwrap_or_else(|| panic!("no {begin} at {}:\n{}", self.title(), self.tree));
        self.touch(&id);
    }

    /// Plays until a title contains `end`; `at` sees each title.
    pub(crate) fn until(&mut self, end: &str, mut at: impl FnMut(&str)) {
        for _ in 0..600 {
            let title = self.title();
            if self.titles.last() != Some(&title) {
                self.titles.push(title.clone());
                at(&title);
            }
            if title.contains(end) {
                return;
            }
            self.act(&title);
        }
        panic!("{end} was not reached: {:?}\n{}", self.titles, self.tree);
    }

    fn act(&mut self, title: &str) {
        if title.contains("暗証番号") {
            for key in ["1", "2", "3", "4", "決定"] {
                self.presses(key);
            }
            return;
        }
        let field = self.nodes().iter().find(|node| node["role"] == "textbox");
        let empty = field.is_some_and(|field| field["value"].as_str().is_none_or(str::is_empty));
        let typed = TYPED.iter().find(|(words, _)| title.contains(words));
        if let Some((_, text)) = typed.filter(|_| empty) {
            for letter in text.chars() {
                self.send(&json!({"do": "key", "text": letter.to_string()}));
                self.look();
            }
            return;
        }
        let lead_on = LEAD_ON.iter().find_map(|begin| self.button(begin));
        if let Some(id) = lead_on {
            return self.touch(&id);
        }
        let other = self.nodes().iter().find(|node| {
            let name = name(node);
            node["role"] == "button"
                && node["enabled"] != false
                && !FRAME.iter().any(|frame| name.starts_with(frame))
        });
        match other.map(|node| node["id"].clone()) {
            Some(id) => self.touch(&id),
            // It works, and moves on by itself.
            None => self.look(),
        }
    }
}

fn name(node: &Value) -> String {
    node["name"].as_str().unwrap_or_default().replace('\n', "")
}
