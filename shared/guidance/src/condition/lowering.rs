//! From a parsed CEL expression to a [`Test`], with the checks that CEL does not make.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::tree::{Order, Test};
use crate::ParameterValue;
use crate::document::Document;
use crate::vocabulary::{FactId, FactKind, FactValue, Scope, canonical_word};

/// What a condition may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Household, event and parameters only.
    Household,
    /// One person as well.
    Person,
}

/// A condition while it is lowered; the reasons of its errors are for the catalogue's author.
pub(super) struct Lowering<'a> {
    pub(super) about: About,
    pub(super) document: &'a Document,
    /// Facts read so far, each once.
    pub(super) facts: Vec<FactId>,
    /// Parameters read so far, by index, each once.
    pub(super) parameters: Vec<usize>,
}

/// What a name in a condition refers to.
enum Name {
    /// `event.kind`
    EventKind,
    Fact(FactId),
    Parameter(usize),
}

impl Lowering<'_> {
    pub(super) fn test(&mut self, expr: &IdedExpr) -> Result<Test, String> {
        match &expr.expr {
            Expr::Literal(LiteralValue::Boolean(value)) => Ok(Test::Const(*value.inner())),
            Expr::Select(_) | Expr::Ident(_) => self.flag(expr),
            Expr::Call(call) => self.call(call),
            _ => Err("only facts, comparisons, 'in', '&&', '||' and '!' may be used".to_owned()),
        }
    }

    fn flag(&mut self, expr: &IdedExpr) -> Result<Test, String> {
        match self.name(expr)? {
            Name::Fact(fact) if fact.def().kind == FactKind::Flag => Ok(Test::Flag(fact)),
            Name::Fact(fact) => Err(format!(
                "{fact:?} is not a yes-no fact; compare it with a value"
            )),
            Name::EventKind => Err("event.kind is a word; compare it with one".to_owned()),
            Name::Parameter(index) => match &self.document.parameter[index] {
                parameter if matches!(parameter.default, ParameterValue::Flag(_)) => {
                    Ok(Test::Parameter(index))
                }
                parameter => Err(format!("tenant.{} is not a yes-no parameter", parameter.id)),
            },
        }
    }

    fn call(&mut self, call: &CallExpr) -> Result<Test, String> {
        let function = call.func_name.as_str();
        match (function, call.args.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => Ok(Test::Not(Box::new(self.test(inner)?))),
            (operators::LOGICAL_AND, [left, right]) => Ok(Test::And(
                Box::new(self.test(left)?),
                Box::new(self.test(right)?),
            )),
            (operators::LOGICAL_OR, [left, right]) => Ok(Test::Or(
                Box::new(self.test(left)?),
                Box::new(self.test(right)?),
            )),
            (operators::EQUALS, [left, right]) => self.equals(left, right),
            (operators::NOT_EQUALS, [left, right]) => {
                Ok(Test::Not(Box::new(self.equals(left, right)?)))
            }
            (operators::IN, [name, list]) => self.one_of(name, list),
            (_, [left, right]) => {
                let order =
                    order_of(function).ok_or_else(|| format!("{function:?} may not be used"))?;
                self.order(left, order, right)
            }
            _ => Err(format!("{function:?} may not be used")),
        }
    }

    fn equals(&mut self, left: &IdedExpr, right: &IdedExpr) -> Result<Test, String> {
        if matches!(left.expr, Expr::Literal(_)) {
            return self.equals(right, left);
        }
        if matches!(right.expr, Expr::Literal(_)) {
            return self.is_one_of(left, std::slice::from_ref(right));
        }
        match (self.name(left)?, self.name(right)?) {
            (Name::Fact(a), Name::Fact(b)) if a.def().kind == b.def().kind => Ok(Test::Same(a, b)),
            _ => Err("only facts of one kind can be compared with each other".to_owned()),
        }
    }

    fn one_of(&mut self, name: &IdedExpr, list: &IdedExpr) -> Result<Test, String> {
        match &list.expr {
            Expr::List(list) => self.is_one_of(name, &list.elements),
            _ => Err("'in' needs a list of values".to_owned()),
        }
    }

    fn is_one_of(&mut self, name: &IdedExpr, values: &[IdedExpr]) -> Result<Test, String> {
        match self.name(name)? {
            Name::Fact(fact) => {
                let values = values
                    .iter()
                    .map(|value| literal(fact, value))
                    .collect::<Result<_, _>>()?;
                Ok(Test::In(fact, values))
            }
            Name::Parameter(index) => {
                let parameter = &self.document.parameter[index];
                let name = format!("tenant.{}", parameter.id);
                let known: Vec<&str> = parameter.values.iter().map(String::as_str).collect();
                Ok(Test::ParameterIn(index, words(&name, &known, values)?))
            }
            Name::EventKind => {
                let events = self.document.event.iter();
                let known: Vec<&str> = events.map(|event| event.id.as_str()).collect();
                Ok(Test::Event(words("event.kind", &known, values)?))
            }
        }
    }

    fn order(&mut self, left: &IdedExpr, order: Order, right: &IdedExpr) -> Result<Test, String> {
        if matches!(left.expr, Expr::Literal(_)) {
            return self.order(right, order.mirrored(), left);
        }
        let Name::Fact(fact) = self.name(left)? else {
            return Err("only a number or a date of the facts has an order".to_owned());
        };
        match literal(fact, right)? {
            bound @ (FactValue::Count(_) | FactValue::Date(_)) => {
                Ok(Test::Order(fact, order, bound))
            }
            _ => Err(format!("{fact:?} has no order")),
        }
    }

    fn name(&mut self, expr: &IdedExpr) -> Result<Name, String> {
        let not_a_fact =
            || "a fact is written person.…, household.…, event.… or tenant.…".to_owned();
        let Expr::Select(select) = &expr.expr else {
            return Err(not_a_fact());
        };
        let Expr::Ident(root) = &select.operand.expr else {
            return Err(not_a_fact());
        };
        if root == "tenant" {
            let index = self
                .document
                .parameter
                .iter()
                .position(|parameter| parameter.id == select.field);
            let index =
                index.ok_or_else(|| format!("unknown parameter tenant.{}", select.field))?;
            push_once(&mut self.parameters, index);
            return Ok(Name::Parameter(index));
        }
        if (root.as_str(), select.field.as_str()) == ("event", "kind") {
            return Ok(Name::EventKind);
        }
        let scope = [Scope::Event, Scope::Household, Scope::Person]
            .into_iter()
            .find(|scope| scope.in_conditions() == root)
            .ok_or_else(not_a_fact)?;
        if scope == Scope::Person && self.about == About::Household {
            return Err(format!(
                "person.{} in a rule about the household",
                select.field
            ));
        }
        let fact = FactId::find(scope, &select.field)
            .filter(|fact| fact.def().name == select.field)
            .ok_or_else(|| format!("unknown fact {root}.{}", select.field))?;
        push_once(&mut self.facts, fact);
        Ok(Name::Fact(fact))
    }
}

/// The words that `name` is compared with, each of which it must be able to take.
fn words(name: &str, known: &[&str], values: &[IdedExpr]) -> Result<Vec<String>, String> {
    let word = |value: &IdedExpr| match &value.expr {
        Expr::Literal(LiteralValue::String(word)) if known.contains(&word.inner()) => {
            Ok(word.inner().to_owned())
        }
        _ => Err(format!("{name} is one of {}", known.join(", "))),
    };
    values.iter().map(word).collect()
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

fn literal(fact: FactId, expr: &IdedExpr) -> Result<FactValue, String> {
    let Expr::Literal(literal) = &expr.expr else {
        return Err(format!("{fact:?} must be compared with a plain value"));
    };
    let found = match (fact.def().kind, literal) {
        (FactKind::Flag, LiteralValue::Boolean(flag)) => Some(FactValue::Flag(*flag.inner())),
        (FactKind::Count, LiteralValue::Int(count)) => Some(FactValue::Count(*count.inner())),
        (FactKind::Date, LiteralValue::String(date)) => {
            date.inner().parse().ok().map(FactValue::Date)
        }
        (FactKind::Choice(words), LiteralValue::String(word)) => {
            canonical_word(words, word.inner())
                .filter(|canonical| *canonical == word.inner())
                .map(FactValue::Choice)
        }
        _ => None,
    };
    found.ok_or_else(|| match fact.def().kind {
        FactKind::Flag => format!("{fact:?} is true or false"),
        FactKind::Count => format!("{fact:?} is a whole number"),
        FactKind::Date => format!("{fact:?} is a date, written 'YYYY-MM-DD'"),
        FactKind::Choice(words) => {
            let words: Vec<_> = words.iter().map(|(long, _)| *long).collect();
            format!("{fact:?} is one of {}", words.join(", "))
        }
    })
}

/// The order that a CEL operator stands for.
fn order_of(function: &str) -> Option<Order> {
    match function {
        operators::LESS => Some(Order::Less),
        operators::LESS_EQUALS => Some(Order::LessOrEqual),
        operators::GREATER => Some(Order::Greater),
        operators::GREATER_EQUALS => Some(Order::GreaterOrEqual),
        _ => None,
    }
}
