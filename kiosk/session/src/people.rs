//! How persons are called on the screen: by name where one is known, else by what they are to the resident.

use guidance::document::Concern;
use guidance::{FactPath, FactValue, Facts};

use crate::household::HOLDER;
use crate::session::Session;
use crate::text::Text;

impl Session {
    /// 「山田 花子さん」, or 「お子さん(2人目)」.
    pub(crate) fn person(&self, id: &str) -> Text {
        let name = self.visit.values.text(&format!("persons[{id}].name"));
        if !name.is_empty() {
            return Text::Key("person.named", vec![("name", Text::Plain(name.to_owned()))]);
        }
        let Some(facts) = &self.visit.facts else {
            return Text::key("person.other");
        };
        let role = called(facts, self.concern(), id);
        if role == "self" || id == HOLDER {
            return Text::key("person.self");
        }
        let alike: Vec<&str> = facts
            .persons()
            .filter(|other| *other != HOLDER && self.called_alike(facts, other, role))
            .collect();
        let place = alike.iter().position(|other| *other == id).unwrap_or(0) + 1;
        if alike.len() < 2 {
            return Text::key(role_key(role));
        }
        Text::Key(
            "person.nth",
            vec![
                ("role", Text::key(role_key(role))),
                ("n", Text::Plain(place.to_string())),
            ],
        )
    }

    /// Whoever stands here and is called 「あなた」, for want of a name.
    pub(crate) fn is_unnamed_self(&self, id: &str) -> bool {
        self.person(id) == Text::key("person.self")
    }

    fn called_alike(&self, facts: &Facts, id: &str, wanted: &str) -> bool {
        called(facts, self.concern(), id) == wanted
            && self
                .visit
                .values
                .text(&format!("persons[{id}].name"))
                .is_empty()
    }

    pub(crate) fn persons(&self, ids: &[String]) -> Vec<Text> {
        ids.iter().map(|id| self.person(id)).collect()
    }
}

/// What the person is called by: the role, or "mother" for whoever bore the baby of this event.
fn called(facts: &Facts, concern: Concern, id: &str) -> &'static str {
    let path: Option<FactPath> = format!("persons[{id}].pregnant").parse().ok();
    let bore = path.and_then(|path| facts.given(&path)) == Some(FactValue::Flag(true));
    match role(facts, id) {
        "self" => "self",
        _ if bore && concern == Concern::Newborn => crate::roster::MOTHER,
        role => role,
    }
}

/// The person's role, "other" when nobody said.
pub(crate) fn role(facts: &Facts, id: &str) -> &'static str {
    let path: Option<FactPath> = format!("persons[{id}].role").parse().ok();
    match path.and_then(|path| facts.given(&path)) {
        Some(FactValue::Choice(role)) => role,
        _ => "other",
    }
}

pub(crate) fn role_key(role: &str) -> &'static str {
    match role {
        "self" => "person.self",
        "spouse" => "person.spouse",
        "child" => "person.child",
        "mother" => "person.mother",
        "newborn" => "person.newborn",
        "deceased" => "person.deceased",
        "parent" => "person.parent",
        _ => "person.other",
    }
}
