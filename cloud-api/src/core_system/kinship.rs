//! Who a person is to the resident at the kiosk, from the two 続柄 to the 世帯主 (JK-1.1.11).

/// A step of kinship.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Spouse,
    Child,
    Parent,
    Sibling,
}

/// `role` of guidance, as far as kinship decides it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Husband or wife, the unregistered included.
    Spouse,
    /// Child, the spouse's included.
    Child,
    /// Parent.
    Parent,
    /// Anybody else.
    Other,
}

impl Role {
    /// The word of the interchange.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spouse => "spouse",
            Self::Child => "child",
            Self::Parent => "parent",
            Self::Other => "other",
        }
    }
}

/// The way from the head to the person; `None` where it is not kinship (縁故者, 同居人).
fn way(relationship: &str) -> Option<Vec<Step>> {
    if matches!(relationship, "世帯主" | "本人") {
        return Some(Vec::new());
    }
    relationship
        .split('の')
        .map(|step| match step {
            "妻" | "夫" | "妻（未届）" | "夫（未届）" | "妻(未届)" | "夫(未届)" => {
                Some(Step::Spouse)
            }
            "子" | "養子" => Some(Step::Child),
            "父" | "母" | "養父" | "養母" => Some(Step::Parent),
            "兄" | "弟" | "姉" | "妹" => Some(Step::Sibling),
            _ => None,
        })
        .collect()
}

/// Who `person` is to `resident`, two different people of one household whose 続柄 are all of `household`.
///
/// 子の妻 is the wife of *a* child of the head: where the household has two, the register does not say of which, and
/// neither does this.
#[must_use]
pub fn role(resident: &str, person: &str, household: &[&str]) -> Role {
    let Some((from, to)) = way(resident).zip(way(person)) else {
        return Role::Other;
    };
    // Two of one 続柄 (子 and 子) are two people: only ways that differ share a person on them.
    let shared = if from == to {
        0
    } else {
        from.iter().zip(&to).take_while(|(a, b)| a == b).count()
    };
    let through: Vec<&str> = resident.split('の').take(shared).collect();
    let through = through.join("の");
    if shared > 0 && household.iter().filter(|other| **other == through).count() > 1 {
        return Role::Other;
    }
    let back = from.iter().skip(shared).rev().map(|step| match step {
        Step::Child => Step::Parent,
        Step::Parent => Step::Child,
        same => *same,
    });
    match shortened(back.chain(to.into_iter().skip(shared))).as_slice() {
        [Step::Spouse] => Role::Spouse,
        [Step::Child] => Role::Child,
        [Step::Parent] => Role::Parent,
        _ => Role::Other,
    }
}

/// Folds two steps into one where that is certain: a spouse's child counts as a child, a child's other parent as spouse.
fn shortened(steps: impl Iterator<Item = Step>) -> Vec<Step> {
    let mut way: Vec<Step> = Vec::new();
    for step in steps {
        let folded = way.last().map(|last| match (last, step) {
            (Step::Spouse, Step::Spouse) => Some(None),
            (Step::Spouse, Step::Child) => Some(Some(Step::Child)),
            (Step::Child, Step::Parent) => Some(Some(Step::Spouse)),
            (Step::Child, Step::Sibling) => Some(Some(Step::Child)),
            (Step::Parent, Step::Spouse) => Some(Some(Step::Parent)),
            (Step::Parent, Step::Child) => Some(Some(Step::Sibling)),
            (Step::Sibling, Step::Sibling) => Some(Some(Step::Sibling)),
            (Step::Sibling, Step::Parent) => Some(Some(Step::Parent)),
            _ => None,
        });
        match folded.flatten() {
            None => way.push(step),
            Some(one) => {
                way.pop();
                way.extend(one);
            }
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::{Role, role};

    #[test]
    fn roles_are_seen_from_the_resident() {
        let cases = [
            ("世帯主", "妻", Role::Spouse),
            ("妻", "世帯主", Role::Spouse),
            ("妻", "子", Role::Child),
            ("世帯主", "妻の子", Role::Child),
            ("子", "世帯主", Role::Parent),
            ("子", "妻", Role::Parent),
            ("子", "子", Role::Other),
            ("父", "母", Role::Spouse),
            ("母", "世帯主", Role::Child),
            ("子の妻", "子", Role::Spouse),
            ("子の妻", "子の子", Role::Child),
            ("子の妻", "世帯主", Role::Other),
            ("子", "子の子", Role::Child),
            ("子の子", "子", Role::Parent),
            ("弟", "父", Role::Parent),
            ("世帯主", "縁故者", Role::Other),
            ("世帯主", "夫（未届）", Role::Spouse),
        ];
        for (resident, person, expected) in cases {
            assert_eq!(
                role(resident, person, &[resident, person]),
                expected,
                "{person} as seen by {resident}"
            );
        }
    }

    #[test]
    fn of_two_children_nobody_guesses_whose_wife_she_is() {
        let household = ["世帯主", "子", "子", "子の妻"];
        assert_eq!(role("子の妻", "子", &household), Role::Other);
        assert_eq!(role("子", "子の妻", &household), Role::Other);
        assert_eq!(role("世帯主", "子", &household), Role::Child);
        assert_eq!(
            role("子の妻", "子", &["世帯主", "子", "子の妻"]),
            Role::Spouse
        );
    }
}
