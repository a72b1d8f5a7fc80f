//! What can be chosen on a page, by name. A window, a keypad or a viewer far away knows only the text of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::role::{Companion, Role};

/// A day that most people mean.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NearDay {
    /// The day of the visit.
    Today,
    /// The day before.
    Yesterday,
    /// The day after.
    Tomorrow,
}

impl NearDay {
    /// Days from today.
    pub(crate) fn days(self) -> i64 {
        match self {
            Self::Today => 0,
            Self::Yesterday => -1,
            Self::Tomorrow => 1,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::Tomorrow => "tomorrow",
        }
    }
}

/// A line of the plan, or one person's part of it, that can be left out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct PlanPart {
    /// The procedure of the line.
    pub procedure: String,
    /// The persons of the part; nobody where the line is the household's.
    pub persons: Vec<String>,
}

/// Something that a page offers; `Display` and `FromStr` are the one place where it becomes text and comes back from it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChoiceId {
    /// A life event.
    Event(String),
    /// A procedure that a search found.
    Procedure(String),
    /// The next tiles.
    MoreTiles,
    /// The search by reading.
    Search,
    /// Use the card.
    UseCard,
    /// Go on without card, or without waiting.
    GoOnWithout,
    /// Other places for the keys of the PIN pad.
    ShuffleKeys,
    /// Spend the card's last try.
    SpendLastTry,
    /// Try again what failed.
    Retry,
    /// Leave a paper to staff.
    SkipPaper,
    /// Print everything again.
    PrintAgain,
    /// Back to the forms from an application that could not be stored.
    BackToForms,
    /// A date by one touch.
    Day(NearDay),
    /// An era of the date pad, or `western`.
    Era(String),
    /// A person of the facts.
    Person(String),
    /// None of the persons.
    Nobody,
    /// Somebody who takes part, where no register says who there is.
    Companion(Companion),
    /// What somebody is.
    Role(Role),
    /// A number of persons.
    Count(usize),
    /// Yes.
    Yes,
    /// No.
    No,
    /// An answer of a question's list.
    Answer(String),
    /// An answer for everybody, by its place in the list.
    SameForAll(usize),
    /// The persons differ.
    Differs,
    /// The resident does not know.
    NotKnown,
    /// To be written at the counter.
    AtCounter,
    /// A town that the postal code found, by its place in the list.
    FoundTown(usize),
    /// A word of a closed vocabulary.
    Word(String),
    /// One more generation of a 続柄.
    AddGeneration,
    /// The last generation of a 続柄 again.
    RemoveGeneration,
    /// A part of the plan that can be left out.
    PlanPart(PlanPart),
    /// A line of the plan, by its place.
    PlanLine(usize),
    /// A value of the review, by its key.
    Field(String),
    /// A form, by its place among those of the visit.
    Form(usize),
    /// Empty the signature pad.
    ClearSignature,
    /// Sign by pen on paper.
    SignOnPaper,
    /// Sign by the card.
    SignByCard,
    /// What staff do at the kiosk itself.
    Staff,
}

impl ChoiceId {
    fn parts(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Event(id) => ("event", Some(id.clone())),
            Self::Procedure(id) => ("procedure", Some(id.clone())),
            Self::MoreTiles => ("more", None),
            Self::Search => ("search", None),
            Self::UseCard => ("use", None),
            Self::GoOnWithout => ("without", None),
            Self::ShuffleKeys => ("shuffle", None),
            Self::SpendLastTry => ("insist", None),
            Self::Retry => ("retry", None),
            Self::SkipPaper => ("skip", None),
            Self::PrintAgain => ("again", None),
            Self::BackToForms => ("back", None),
            Self::Day(day) => ("day", Some(day.word().to_owned())),
            Self::Era(id) => ("era", Some(id.clone())),
            Self::Person(id) => ("person", Some(id.clone())),
            Self::Nobody => ("nobody", None),
            Self::Companion(one) => ("with", Some(companion(*one))),
            Self::Role(role) => (role.word(), None),
            Self::Count(n) => ("count", Some(n.to_string())),
            Self::Yes => ("yes", None),
            Self::No => ("no", None),
            Self::Answer(value) => ("value", Some(value.clone())),
            Self::SameForAll(index) => ("same", Some(index.to_string())),
            Self::Differs => ("apart", None),
            Self::NotKnown => ("unknown", None),
            Self::AtCounter => ("later", None),
            Self::FoundTown(index) => ("town", Some(index.to_string())),
            Self::Word(word) => ("word", Some(word.clone())),
            Self::AddGeneration => ("of", None),
            Self::RemoveGeneration => ("not-of", None),
            Self::PlanPart(part) => ("want", Some(plan_part(part))),
            Self::PlanLine(index) => ("line", Some(index.to_string())),
            Self::Field(key) => ("field", Some(key.clone())),
            Self::Form(index) => ("paper", Some(index.to_string())),
            Self::ClearSignature => ("clear", None),
            Self::SignOnPaper => ("paper", None),
            Self::SignByCard => ("card", None),
            Self::Staff => ("staff", None),
        }
    }

    fn with_argument(name: &str, argument: &str) -> Option<Self> {
        let text = || argument.to_owned();
        let number = || argument.parse().ok();
        Some(match name {
            "event" => Self::Event(text()),
            "procedure" => Self::Procedure(text()),
            "day" => Self::Day(near_day(argument)?),
            "era" => Self::Era(text()),
            "person" => Self::Person(text()),
            "with" => Self::Companion(parse_companion(argument)?),
            "count" => Self::Count(number()?),
            "value" => Self::Answer(text()),
            "same" => Self::SameForAll(number()?),
            "town" => Self::FoundTown(number()?),
            "word" => Self::Word(text()),
            "want" => Self::PlanPart(parse_plan_part(argument)?),
            "line" => Self::PlanLine(number()?),
            "field" => Self::Field(text()),
            "paper" => Self::Form(number()?),
            _ => return None,
        })
    }

    fn without_argument(name: &str) -> Option<Self> {
        Some(match name {
            "more" => Self::MoreTiles,
            "search" => Self::Search,
            "use" => Self::UseCard,
            "without" => Self::GoOnWithout,
            "shuffle" => Self::ShuffleKeys,
            "insist" => Self::SpendLastTry,
            "retry" => Self::Retry,
            "skip" => Self::SkipPaper,
            "again" => Self::PrintAgain,
            "back" => Self::BackToForms,
            "nobody" => Self::Nobody,
            "yes" => Self::Yes,
            "no" => Self::No,
            "apart" => Self::Differs,
            "unknown" => Self::NotKnown,
            "later" => Self::AtCounter,
            "of" => Self::AddGeneration,
            "not-of" => Self::RemoveGeneration,
            "clear" => Self::ClearSignature,
            "paper" => Self::SignOnPaper,
            "card" => Self::SignByCard,
            "staff" => Self::Staff,
            role => Self::Role(Role::from_word(role)?),
        })
    }
}

impl fmt::Display for ChoiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (name, None) => f.write_str(name),
            (name, Some(argument)) => write!(f, "{name}:{argument}"),
        }
    }
}

/// A text that names no choice of any page.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no page offers `{0}`")]
pub struct NoSuchChoice(String);

impl FromStr for ChoiceId {
    type Err = NoSuchChoice;

    fn from_str(text: &str) -> Result<Self, NoSuchChoice> {
        let found = match text.split_once(':') {
            Some((name, argument)) => Self::with_argument(name, argument),
            None => Self::without_argument(text),
        };
        found.ok_or_else(|| NoSuchChoice(text.to_owned()))
    }
}

fn near_day(word: &str) -> Option<NearDay> {
    let all = [NearDay::Today, NearDay::Yesterday, NearDay::Tomorrow];
    all.into_iter().find(|day| day.word() == word)
}

fn companion(one: Companion) -> String {
    match one.number {
        Some(number) => format!("{}-{number}", one.role.word()),
        None => one.role.word().to_owned(),
    }
}

fn parse_companion(text: &str) -> Option<Companion> {
    let (role, number) = match text.split_once('-') {
        Some((role, number)) => (role, Some(number.parse().ok()?)),
        None => (text, None),
    };
    let role = Role::from_word(role)?;
    Some(Companion { role, number })
}

/// `procedure:A,B`; neither ids of procedures nor of persons have a colon or a comma.
fn plan_part(part: &PlanPart) -> String {
    format!("{}:{}", part.procedure, part.persons.join(","))
}

fn parse_plan_part(text: &str) -> Option<PlanPart> {
    let (procedure, persons) = text.split_once(':')?;
    let persons = persons.split(',').filter(|id| !id.is_empty());
    Some(PlanPart {
        procedure: procedure.to_owned(),
        persons: persons.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One of each kind for this text and number; the match makes a new kind a compile error here.
    fn all(text: &str, number: usize) -> Vec<ChoiceId> {
        use ChoiceId as Id;
        let owned = || text.to_owned();
        let child = Companion::nth(Role::Child, 2);
        let part = PlanPart {
            procedure: owned(),
            persons: vec!["A".to_owned(), owned()],
        };
        let alone = PlanPart {
            persons: Vec::new(),
            ..part.clone()
        };
        let ids = vec![
            Id::Event(owned()),
            Id::Procedure(owned()),
            Id::MoreTiles,
            Id::Search,
            Id::UseCard,
            Id::GoOnWithout,
            Id::ShuffleKeys,
            Id::SpendLastTry,
            Id::Retry,
            Id::SkipPaper,
            Id::PrintAgain,
            Id::BackToForms,
            Id::Day(NearDay::Today),
            Id::Day(NearDay::Yesterday),
            Id::Day(NearDay::Tomorrow),
            Id::Era(owned()),
            Id::Person(owned()),
            Id::Nobody,
            Id::Companion(child),
            Id::Companion(Companion::only(Role::Spouse)),
            Id::Role(Role::Oneself),
            Id::Role(Role::Spouse),
            Id::Role(Role::Child),
            Id::Role(Role::Parent),
            Id::Role(Role::Mother),
            Id::Role(Role::Other),
            Id::Count(number),
            Id::Yes,
            Id::No,
            Id::Answer(owned()),
            Id::SameForAll(number),
            Id::Differs,
            Id::NotKnown,
            Id::AtCounter,
            Id::FoundTown(number),
            Id::Word(owned()),
            Id::AddGeneration,
            Id::RemoveGeneration,
            Id::PlanPart(part),
            Id::PlanPart(alone),
            Id::PlanLine(number),
            Id::Field(owned()),
            Id::Form(number),
            Id::ClearSignature,
            Id::SignOnPaper,
            Id::SignByCard,
            Id::Staff,
        ];
        for id in &ids {
            match id {
                Id::Event(_) | Id::Procedure(_) | Id::MoreTiles | Id::Search => {}
                Id::UseCard | Id::GoOnWithout | Id::ShuffleKeys | Id::SpendLastTry => {}
                Id::Retry | Id::SkipPaper | Id::PrintAgain | Id::BackToForms => {}
                Id::Day(_) | Id::Era(_) | Id::Person(_) | Id::Nobody => {}
                Id::Companion(_) | Id::Role(_) | Id::Count(_) | Id::Yes | Id::No => {}
                Id::Answer(_) | Id::SameForAll(_) | Id::Differs | Id::NotKnown => {}
                Id::AtCounter | Id::FoundTown(_) | Id::Word(_) => {}
                Id::AddGeneration | Id::RemoveGeneration | Id::PlanPart(_) => {}
                Id::PlanLine(_) | Id::Field(_) | Id::Form(_) => {}
                Id::ClearSignature | Id::SignOnPaper | Id::SignByCard | Id::Staff => {}
            }
        }
        ids
    }

    proptest! {
        #[test]
        fn every_choice_comes_back_from_its_text(text in "[a-z_]{1,12}", number in 0usize..1000) {
            let ids = all(&text, number);
            let texts: std::collections::BTreeSet<String> =
                ids.iter().map(ChoiceId::to_string).collect();
            prop_assert_eq!(texts.len(), ids.len(), "two choices have one text");
            for id in ids {
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }

        #[test]
        fn any_text_is_a_choice_or_none(text in ".{0,20}") {
            if let Ok(id) = text.parse::<ChoiceId>() {
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }

        /// Keys of values and words of a vocabulary hold brackets, dots and any letter.
        #[test]
        fn what_stands_after_the_first_colon_is_kept(text in ".{0,20}") {
            for id in [ChoiceId::Field(text.clone()), ChoiceId::Word(text.clone())] {
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }
    }
}
