//! Three equal ways to sign: on the pad, by pen on paper, by the card.

use application::{FieldKind, Signature};

use crate::card::Purpose;
use crate::forms::Forms;
use crate::page::Page;
use crate::place::Place;
use crate::screen::{Body, Choice, Step};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// Most strokes and most points of a stroke: more than any name needs, less than memory minds.
const STROKES: usize = 200;
/// Most points of one stroke.
const POINTS: usize = 2_000;
/// Coordinates are thousandths of the pad.
const EDGE: u16 = 1_000;

impl Session {
    /// The signature page; forms without a place for one are stored at once.
    pub(crate) fn begin_signing(&mut self) {
        if !self.wants_signature() {
            return self.store();
        }
        self.visit.signature = None;
        self.go(Place::Forms(Forms::Sign));
    }

    fn wants_signature(&self) -> bool {
        self.visit
            .uses
            .iter()
            .filter_map(|one| self.town.forms.form(&one.form))
            .any(|form| {
                let kinds = form
                    .fields
                    .iter()
                    .filter_map(|field| self.town.forms.field(&field.key));
                kinds
                    .into_iter()
                    .any(|field| field.kind == FieldKind::Signature)
            })
    }

    pub(crate) fn sign_page(&self) -> Page {
        let titles = self
            .visit
            .uses
            .iter()
            .filter_map(|one| self.town.forms.form(&one.form));
        let papers = titles.map(|form| Text::Words(form.title.clone())).collect();
        let mut choices = vec![
            Choice::new("clear", Text::key("sign.clear")).picture("trash"),
            Choice::new("paper", Text::key("sign.paper")).picture("form"),
        ];
        if self.visit.card.is_some() {
            choices.push(Choice::new("card", Text::key("sign.card")).picture("card"));
        }
        let body = Body::Sign {
            title: Text::key("sign.title"),
            lead: Text::Key("sign.lead", vec![("papers", Text::List(papers))]),
            strokes: self.visit.strokes.clone(),
            choices,
        };
        Page::new(Step::Forms, body)
            .back()
            .next("sign.done", !self.visit.strokes.is_empty())
    }

    pub(crate) fn sign_touch(&mut self, touch: &Touch) {
        match touch {
            Touch::Stroke(points) => self.stroke(points),
            Touch::Choose(id) => match id.as_str() {
                "clear" => self.visit.strokes.clear(),
                "paper" => self.signed(Signature::OnPaper),
                "card" if self.visit.card.is_some() => self.begin_card(Purpose::Sign),
                _ => {}
            },
            Touch::Next if !self.visit.strokes.is_empty() => {
                let strokes = self.visit.strokes.clone();
                self.signed(Signature::Strokes(strokes));
            }
            Touch::Back => {
                self.visit.reviewed = false;
                self.review();
            }
            _ => {}
        }
    }

    fn stroke(&mut self, points: &[(u16, u16)]) {
        if points.is_empty() || self.visit.strokes.len() >= STROKES {
            return;
        }
        let inside = points
            .iter()
            .take(POINTS)
            .map(|(x, y)| ((*x).min(EDGE), (*y).min(EDGE)));
        self.visit.strokes.push(inside.collect());
    }

    pub(crate) fn signed_by_card(&mut self) {
        self.signed(Signature::ByCard);
    }

    fn signed(&mut self, signature: Signature) {
        self.visit.signature = Some(signature);
        self.store();
    }
}
