//! How persons are called on the screen: by name where one is known, else by what they are to the resident.

use application::{ValueSet, person_of};
use guidance::document::Concern;
use guidance::{Catalogue, FactPath, FactValue, Facts, Words};

use crate::role::Role;
use crate::text::Text;
use crate::visit::{HOLDER, Visit};

/// The persons of a visit.
pub(crate) struct People<'a> {
    values: &'a ValueSet,
    facts: Option<&'a Facts>,
    concern: Concern,
}

impl<'a> People<'a> {
    pub(crate) fn of(visit: &'a Visit, catalogue: &Catalogue) -> Self {
        Self {
            values: visit.forms.values(),
            facts: visit.interview.facts(),
            concern: visit.interview.concern(catalogue),
        }
    }

    /// 「山田 花子さん」, or 「お子さん(2人目)」.
    pub(crate) fn call(&self, id: &str) -> Text {
        let name = self.name(id);
        if !name.is_empty() {
            return Text::Key("person.named", vec![("name", Text::Plain(name.to_owned()))]);
        }
        let Some(facts) = self.facts else {
            return Text::key("person.other");
        };
        let role = self.role(facts, id);
        if role == Role::Oneself.word() || id == HOLDER {
            return Text::key("person.self");
        }
        let is_alike = |other: &&str| {
            *other != HOLDER && self.role(facts, other) == role && self.name(other).is_empty()
        };
        let alike: Vec<&str> = facts.persons().filter(is_alike).collect();
        if alike.len() < 2 {
            return Text::key(role_key(role));
        }
        let number = alike.iter().position(|other| *other == id).unwrap_or(0) + 1;
        nth(role, &number.to_string())
    }

    pub(crate) fn call_all(&self, ids: &[String]) -> Vec<Text> {
        ids.iter().map(|id| self.call(id)).collect()
    }

    /// Whoever stands here and is called 「あなた」, since no name is known.
    pub(crate) fn is_unnamed_self(&self, id: &str) -> bool {
        self.call(id) == Text::key("person.self")
    }

    /// A field's words with the person's name in them.
    pub(crate) fn label(&self, key: &str, words: &Words) -> Text {
        match person_of(key) {
            Some(id) => Text::WordsWith(words.clone(), vec![("person", self.call(id))]),
            None => Text::Words(words.clone()),
        }
    }

    fn name(&self, id: &str) -> &str {
        self.values.text(&format!("persons[{id}].name"))
    }

    /// What the person is called by: the role, or "mother" for whoever bore the baby of this event.
    fn role(&self, facts: &Facts, id: &str) -> &'static str {
        let path: Option<FactPath> = format!("persons[{id}].pregnant").parse().ok();
        let bore = path.and_then(|path| facts.given(&path)) == Some(FactValue::Flag(true));
        let role = given_role(facts, id);
        if role != Role::Oneself.word() && bore && self.concern == Concern::Newborn {
            return Role::Mother.word();
        }
        role
    }
}

/// 「お子さん(2人目)」.
pub(crate) fn nth(role: &str, number: &str) -> Text {
    Text::Key(
        "person.nth",
        vec![
            ("role", Text::key(role_key(role))),
            ("n", Text::Plain(number.to_owned())),
        ],
    )
}

/// The person's role, "other" when nobody said.
fn given_role(facts: &Facts, id: &str) -> &'static str {
    let path: Option<FactPath> = format!("persons[{id}].role").parse().ok();
    match path.and_then(|path| facts.given(&path)) {
        Some(FactValue::Choice(role)) => role,
        _ => Role::Other.word(),
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
