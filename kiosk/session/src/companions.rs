//! Who takes part with the resident, when no register told: everybody on one page, instead of how many and then one by
//! one.
use guidance::document::Concern;

use crate::screen::{Body, Choice};
use crate::session::Session;
use crate::text::Text;

/// Who may take part with the resident, by id of the choice; a larger family goes on at the counter.
const COMPANIONS: [(&str, &str); 10] = [
    ("spouse", "spouse"),
    ("child-1", "child"),
    ("child-2", "child"),
    ("child-3", "child"),
    ("child-4", "child"),
    ("child-5", "child"),
    ("parent-1", "parent"),
    ("parent-2", "parent"),
    ("other-1", "other"),
    ("other-2", "other"),
];
/// Whether there is such a choice.
pub(crate) fn is_companion(id: &str) -> bool {
    COMPANIONS.iter().any(|(known, _)| *known == id)
}

impl Session {
    /// The page with everybody who may take part.
    pub(crate) fn companions_body(&self) -> Body {
        let title = match self.concern() {
            Concern::Movers => "details.together.movers",
            Concern::Deceased => "details.together.left",
            _ => "details.together.some",
        };
        let choice = |(id, role): &(&'static str, &str)| {
            let chosen = self.visit.entry.marked.iter().any(|marked| marked == id);
            Choice::new(format!("with:{id}"), companion(id, role)).chosen(chosen)
        };
        Body::Choices {
            title: Text::key(title),
            lead: Some(Text::key("details.together.lead")),
            picture: None,
            choices: COMPANIONS.iter().map(choice).collect(),
            many: true,
            why: Some(self.why("details.who.why", Vec::new())),
        }
    }
}

/// 「お子さん(2人目)」; whoever there can be only one of has no number.
fn companion(id: &str, role: &str) -> Text {
    let called = Text::key(crate::people::role_key(role));
    match id.rsplit_once('-') {
        Some((_, n)) => Text::Key(
            "person.nth",
            vec![("role", called), ("n", Text::Plain(n.to_owned()))],
        ),
        None => called,
    }
}

/// The roles of those marked; which child is the second is not said by a mark.
pub(crate) fn roles_of(marked: &[String]) -> Vec<&'static str> {
    let chosen = COMPANIONS
        .iter()
        .filter(|(id, _)| marked.iter().any(|one| one == id));
    chosen.map(|(_, role)| *role).collect()
}

/// The marks that say these roles.
pub(crate) fn marked_companions(roles: &[&'static str]) -> Vec<String> {
    let mut left: Vec<&str> = roles.to_vec();
    let mut marked = Vec::new();
    for (id, role) in COMPANIONS {
        if let Some(at) = left.iter().position(|one| *one == role) {
            left.remove(at);
            marked.push(id.to_owned());
        }
    }
    marked
}
