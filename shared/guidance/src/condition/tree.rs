//! A lowered condition: a small tree over facts and parameters, and its evaluation.

use crate::ParameterValue;
use crate::situation::{Record, Situation};
use crate::vocabulary::{FactId, FactValue};

/// Facts, parameters and the life event, compared and combined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    Const(bool),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Flag(FactId),
    /// A yes-no parameter, by index.
    Parameter(usize),
    ParameterIn(usize, Vec<String>),
    /// The life event is one of these.
    Event(Vec<String>),
    In(FactId, Vec<FactValue>),
    Same(FactId, FactId),
    Order(FactId, Order, FactValue),
}

/// An order between a fact and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// The same order with both sides exchanged.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Order::Less => Order::Greater,
            Order::LessOrEqual => Order::GreaterOrEqual,
            Order::Greater => Order::Less,
            Order::GreaterOrEqual => Order::LessOrEqual,
        }
    }

    fn holds(self, found: std::cmp::Ordering) -> bool {
        match self {
            Order::Less => found.is_lt(),
            Order::LessOrEqual => found.is_le(),
            Order::Greater => found.is_gt(),
            Order::GreaterOrEqual => found.is_ge(),
        }
    }
}

impl Test {
    /// Adds the values that `fact` is compared with.
    pub(super) fn thresholds(&self, fact: FactId, found: &mut Vec<FactValue>) {
        match self {
            Test::Not(inner) => inner.thresholds(fact, found),
            Test::And(left, right) | Test::Or(left, right) => {
                left.thresholds(fact, found);
                right.thresholds(fact, found);
            }
            Test::Order(about, _, value) if *about == fact => found.push(*value),
            Test::In(about, values) if *about == fact => found.extend(values),
            _ => {}
        }
    }
}

/// What a condition is evaluated for.
pub(super) struct Evaluation<'a> {
    pub(super) situation: &'a Situation,
    pub(super) person: Option<&'a Record>,
    /// What a comparison with a date or an age that isn't known counts as.
    pub(super) unknown_as: bool,
}

impl Evaluation<'_> {
    fn value(&self, fact: FactId) -> Option<FactValue> {
        self.situation.value(fact, self.person)
    }

    pub(super) fn test(&self, test: &Test) -> bool {
        match test {
            Test::Const(constant) => *constant,
            Test::Not(inner) => !self.test(inner),
            Test::And(left, right) => self.test(left) && self.test(right),
            Test::Or(left, right) => self.test(left) || self.test(right),
            Test::Flag(fact) => match self.value(*fact) {
                Some(value) => value == FactValue::Flag(true),
                None => self.unknown_as,
            },
            Test::Parameter(index) => {
                self.situation.parameter(*index) == &ParameterValue::Flag(true)
            }
            Test::ParameterIn(index, words) => {
                matches!(self.situation.parameter(*index), ParameterValue::Word(word) if words.contains(word))
            }
            Test::Event(kinds) => kinds.iter().any(|kind| kind == self.situation.event_kind()),
            Test::In(fact, values) => match self.value(*fact) {
                Some(value) => values.contains(&value),
                None => self.unknown_as,
            },
            Test::Same(left, right) => self.value(*left) == self.value(*right),
            Test::Order(fact, order, bound) => match (self.value(*fact), bound) {
                (Some(FactValue::Count(found)), FactValue::Count(bound)) => {
                    order.holds(found.cmp(bound))
                }
                (Some(FactValue::Date(found)), FactValue::Date(bound)) => {
                    order.holds(found.cmp(bound))
                }
                _ => self.unknown_as,
            },
        }
    }
}
