//! Who a person is to the visitor, from the two 続柄 to the head.

/// `role` of guidance, as far as kinship decides it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The visitor.
    Myself,
    /// Husband or wife, the unregistered included.
    Spouse,
    /// Child.
    Child,
    /// Parent.
    Parent,
    /// Anybody else.
    Other,
}

impl Role {
    /// The word of the interchange.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Myself => "self",
            Self::Spouse => "spouse",
            Self::Child => "child",
            Self::Parent => "parent",
            Self::Other => "other",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Spouse,
    Child,
    Parent,
    Beside,
}

/// The way from the head to the person: 子の妻 is child, then spouse.
fn path(relationship: &str) -> Vec<Step> {
    if relationship == "世帯主" {
        return Vec::new();
    }
    relationship
        .split('の')
        .map(|step| match step {
            "妻" | "夫" | "妻（未届）" | "夫（未届）" => Step::Spouse,
            "子" => Step::Child,
            "父" | "母" | "養父" | "養母" => Step::Parent,
            _ => Step::Beside,
        })
        .collect()
}

fn is_spouse(one: &[Step], other: &[Step]) -> bool {
    let follows = |a: &[Step], b: &[Step]| b.split_last() == Some((&Step::Spouse, a));
    let both_parents = one == other && one.last() == Some(&Step::Parent);
    follows(one, other) || follows(other, one) || both_parents
}

fn is_child(parent: &[Step], child: &[Step]) -> bool {
    // The children of a couple are written as children of the one nearer to the head.
    let nearer = match parent.split_last() {
        Some((Step::Spouse, nearer)) => nearer,
        _ => parent,
    };
    child.split_last() == Some((&Step::Child, nearer))
        || parent.split_last() == Some((&Step::Parent, child))
}

/// Who `person` is to `visitor`, by their 続柄; the two are different people of one household.
#[must_use]
pub fn role(visitor: &str, person: &str) -> Role {
    let (visitor, person) = (path(visitor), path(person));
    if visitor.contains(&Step::Beside) || person.contains(&Step::Beside) {
        Role::Other
    } else if is_spouse(&visitor, &person) {
        Role::Spouse
    } else if is_child(&visitor, &person) {
        Role::Child
    } else if is_child(&person, &visitor) {
        Role::Parent
    } else {
        Role::Other
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, role};

    #[test]
    fn roles_are_seen_from_the_visitor_not_from_the_head() {
        for (visitor, person, expected) in [
            ("世帯主", "妻", Role::Spouse),
            ("妻", "世帯主", Role::Spouse),
            ("妻（未届）", "世帯主", Role::Spouse),
            ("世帯主", "子", Role::Child),
            ("妻", "子", Role::Child),
            ("子", "妻", Role::Parent),
            ("子", "世帯主", Role::Parent),
            ("子", "子", Role::Other),
            ("世帯主", "妻の母", Role::Other),
            ("妻", "妻の母", Role::Parent),
            ("妻の母", "妻", Role::Child),
            ("妻の父", "妻の母", Role::Spouse),
            ("世帯主", "母", Role::Parent),
            ("母", "父", Role::Spouse),
            ("母", "世帯主", Role::Child),
            ("子の妻", "子", Role::Spouse),
            ("子の妻", "子の子", Role::Child),
            ("子の子", "子の妻", Role::Parent),
            ("子の子", "世帯主", Role::Other),
            ("世帯主", "弟", Role::Other),
            ("同居人", "世帯主", Role::Other),
        ] {
            assert_eq!(
                role(visitor, person),
                expected,
                "{person} seen by {visitor}"
            );
        }
    }
}
